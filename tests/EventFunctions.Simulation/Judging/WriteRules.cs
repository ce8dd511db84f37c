using EventFunctions.Records;

namespace EventFunctions.Simulation.Judging;

/// <summary>What every write of a record must keep to.</summary>
internal static class WriteRules
{
    // A timeline that is nearly full folds entries.
    private const int Folds = 90;

    public static void Check(Judge judge, EventRecord? before, EventRecord record)
    {
        var id = record.Key.Id;
        judge.Assert((record.Status & EventStatus.Open) == 0 || record.RelayAt is not null, $"{id} is {record.Status} and the relay never looks at it.");
        judge.Assert(record.Pending == EventParts.None || record.RelayAt is not null, $"{id} has left {record.Pending} and the relay never looks at it.");
        judge.Assert((record.Status & EventStatus.Final) == 0 || record.Pending != EventParts.None || record.RelayAt is null, $"{id} is {record.Status}, has nothing left, and is due.");
        judge.Assert((record.Status & EventStatus.Open) == 0 || record.TimeToLive is null, $"{id} is {record.Status} and expires.");
        if (before is null)
        {
            judge.Assert(record is { Run: 0, Status: EventStatus.Recorded or EventStatus.Filtered }, $"{id} was created as {record.Status}.");
            return;
        }

        judge.Assert(record.Run == before.Run || record.Run == before.Run + 1, $"{id} went from run {before.Run} to run {record.Run}.");
        judge.Assert(MayFollow(before, record), $"{id} went from {before.Status} in run {before.Run} to {record.Status} in run {record.Run}.");
        judge.Assert(record.Erased || !before.Erased, $"{id} is erased no more.");
        judge.Assert(record.Erased || before.Event == record.Event, $"The event of {id} changed.");
        judge.Assert(!record.Erased || record.Event.Data is null, $"{id} is erased and has data.");
        judge.Assert(record.Timeline.Length >= before.Timeline.Length || before.Timeline.Length > Folds, $"The timeline of {id} lost entries.");
        for (var i = before.Timeline.Length; i < record.Timeline.Length && before.Timeline.Length <= Folds; i++)
        {
            judge.Assert(record.Timeline[i].Run == record.Run, $"{id} is in run {record.Run} and was changed by run {record.Timeline[i].Run}: {record.Timeline[i].What}.");
        }
    }

    /// <summary>Checks that the store had a reason not to make a change. Success always wins.</summary>
    public static void CheckRefused(Judge judge, EventRecord record, RecordPatch patch) => judge.Assert(
        patch.Status != EventStatus.Completed || record.Run != patch.Run || record.Status == EventStatus.Completed,
        $"An attempt completed run {patch.Run} of {record.Key.Id}, which stays {record.Status}.");

    private static bool MayFollow(EventRecord before, EventRecord record) =>
        record.Run > before.Run ? record.Status == EventStatus.Recorded && (before.Status & EventStatus.Final) != 0 && !before.Erased
        : record.Status == before.Status
        || (before.Status, record.Status) switch
        {
            (EventStatus.Recorded, EventStatus.Enriching) => true,
            (EventStatus.Recorded or EventStatus.Enriching, EventStatus.Completed or EventStatus.Failed or EventStatus.DeadLettered) => true,
            (EventStatus.Failed or EventStatus.DeadLettered, EventStatus.Completed) => true,
            _ => false,
        };
}
