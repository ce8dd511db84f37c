using EventFunctions.Fuzzing;

namespace EventFunctions.Tests.Fuzzing;

/// <summary>A short run of the fuzzer with a fixed seed; its project runs for as long as it is told to.</summary>
public sealed class FuzzTests
{
    private const int Executions = 2_000;

    public static TheoryData<string> Readers => [.. FuzzTargets.All.Select(target => target.Name)];

    [Theory]
    [MemberData(nameof(Readers))]
    public void A_reader_survives_mutated_input_and_keeps_its_promises(string reader)
    {
        var run = new FuzzRun(FuzzTargets.All.Single(target => target.Name == reader), seed: 20261129);

        run.ReadSeeds();
        run.Run(Executions);

        Assert.Empty(run.Findings.Select(finding => finding.ToString()));
    }

    [Theory]
    [InlineData("throws", "InvalidOperationException")]
    [InlineData("allocates", "allocation")]
    [InlineData("hangs", "hang")]
    [InlineData("lies", "BrokenPromiseException")]
    public void A_reader_that_breaks_a_promise_is_found(string fault, string kind)
    {
        var run = new FuzzRun(new FuzzTarget("faulty", input => Read(fault, input), "{\"a\":1}"), seed: 1) { LongestRead = fault == "hangs" ? TimeSpan.FromMilliseconds(1) : TimeSpan.FromMinutes(1) };

        run.Run(executions: 100);

        Assert.StartsWith(kind, Assert.Single(run.Findings).Kind, StringComparison.Ordinal);
    }

    [Fact]
    public void The_same_seed_reads_the_same_inputs()
    {
        Assert.Equal(Inputs(seed: 7), Inputs(seed: 7));
        Assert.NotEqual(Inputs(seed: 7), Inputs(seed: 8));
    }

    private static List<string> Inputs(int seed)
    {
        var inputs = new List<string>();
        new FuzzRun(FuzzTargets.All[0], seed) { Reading = input => inputs.Add(Convert.ToBase64String(input)) }.Run(executions: 500);
        return inputs;
    }

    private static string[] Read(string fault, byte[] input)
    {
        if (!input.AsSpan().Contains((byte)'['))
        {
            return ["no array"];
        }

        switch (fault)
        {
            case "throws":
                throw new InvalidOperationException();
            case "allocates":
                return [new string('x', 100_000)];
            case "hangs":
                Thread.Sleep(TimeSpan.FromMilliseconds(3));
                return [];
            default:
                throw new BrokenPromiseException("Something.");
        }
    }
}
