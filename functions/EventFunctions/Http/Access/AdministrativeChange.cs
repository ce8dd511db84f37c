using EventFunctions.Administration;
using Microsoft.AspNetCore.Http;

namespace EventFunctions.Http;

/// <summary>A call by which an administrator changes something.</summary>
/// <param name="log">Where the change is recorded.</param>
/// <param name="action">The operation's name.</param>
/// <param name="who">The administrator, as jobs and timelines name them.</param>
/// <param name="by">The administrator, as the log names them.</param>
internal sealed class AdministrativeChange(AdministrationLog log, string action, string who, string by)
{
    /// <summary>The administrator, as jobs and timelines name them.</summary>
    public string Who => who;

    /// <summary>Whether the call has an entry in the log, or needs none.</summary>
    public bool IsRecorded { get; private set; }

    /// <summary>Makes the change, with an entry in the log unless it is refused.</summary>
    /// <param name="target">What is changed.</param>
    /// <param name="make">Makes the change; a problem as the response means that it was refused.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    public async Task<IResult> MakeAsync(ChangeTarget target, Func<Task<ChangeResult>> make, CancellationToken cancellationToken)
    {
        IsRecorded = true;
        var entry = new AdministrationEntry { By = by, Action = action, Object = target.Kind, Name = target.Name, Source = target.Source };
        var result = await log.RecordAsync(
            entry,
            () => JobProblem.OrTooManyAsync(make),
            (begun, result) => result.Response is Problem
                ? null
                : begun with { Object = result.Created?.Kind ?? begun.Object, Name = result.Created?.Name ?? begun.Name, ETagBefore = result.ETagBefore, ETagAfter = result.ETagAfter, Job = result.Job },
            cancellationToken);
        return result.Response;
    }

    /// <summary>Returns the response to a dry run, which changes nothing.</summary>
    /// <param name="response">The response.</param>
    public IResult DryRun(IResult response)
    {
        IsRecorded = true;
        return response;
    }
}

/// <summary>What a change is made to.</summary>
/// <param name="Kind">The kind of object.</param>
/// <param name="Name">Its name or ID; null if the kind alone says it.</param>
/// <param name="Source">The source of an event or entity.</param>
internal sealed record ChangeTarget(string Kind, string? Name = null, string? Source = null);

/// <summary>The outcome of a change.</summary>
/// <param name="Response">The response.</param>
internal sealed record ChangeResult(IResult Response)
{
    /// <summary>The object that the change created, if its name was unknown before; null otherwise.</summary>
    public ChangeTarget? Created { get; init; }

    /// <summary>The object's ETag before.</summary>
    public string? ETagBefore { get; init; }

    /// <summary>The object's ETag after.</summary>
    public string? ETagAfter { get; init; }

    /// <summary>The job that was started.</summary>
    public string? Job { get; init; }
}
