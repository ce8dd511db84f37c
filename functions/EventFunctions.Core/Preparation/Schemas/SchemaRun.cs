using System.Diagnostics;
using System.Text.Json;
using System.Text.RegularExpressions;
using EventFunctions.Intake;

namespace EventFunctions.Preparation.Schemas;

/// <summary>One check of one payload: where it stands, what it found, what it has cost.</summary>
internal sealed class SchemaRun
{
    private const int MaxErrors = 100;

    // Branches that refer back to the schema can double the work at each level of the payload.
    private const int MaxSteps = 500_000;

    private const int BytesPerStep = 32;

    // Each match is bounded, and a payload can hold many strings that take just less.
    private static readonly TimeSpan PatternBudget = TimeSpan.FromSeconds(1);

    private List<SchemaError>? _errors;
    private long _ticksInPatterns;
    private int _steps;
    private int _probes;

    public JsonPath Path { get; } = new();

    public IReadOnlyList<SchemaError> Errors => _errors ?? (IReadOnlyList<SchemaError>)[];

    /// <summary>Whether only the outcome matters, so that the first violation ends the check.</summary>
    public bool IsProbe => _probes > 0;

    /// <summary>Counts a step, and what it has to look at.</summary>
    /// <exception cref="SchemaCostException">There were too many.</exception>
    public void Spend(int length = 0)
    {
        _steps += 1 + (length / BytesPerStep);
        if (_steps > MaxSteps)
        {
            throw new SchemaCostException();
        }
    }

    /// <summary>Whether an object has a member: a look at each that it has.</summary>
    /// <exception cref="SchemaCostException">There were too many steps.</exception>
    public bool Has(JsonElement value, string name)
    {
        Spend(value.GetPropertyCount());
        return value.TryGetProperty(name, out _);
    }

    /// <summary>Whether a text matches a pattern.</summary>
    /// <exception cref="RegexMatchTimeoutException">This match, or all of the check together, took too long.</exception>
    public bool Matches(Regex pattern, string text)
    {
        var begin = Stopwatch.GetTimestamp();
        var matches = pattern.IsMatch(text);
        _ticksInPatterns += Stopwatch.GetTimestamp() - begin;
        return Stopwatch.GetElapsedTime(0, _ticksInPatterns) <= PatternBudget ? matches : throw new RegexMatchTimeoutException();
    }

    /// <summary>Whether a value satisfies a schema; nothing is reported.</summary>
    public bool Probe(SchemaNode node, JsonElement value)
    {
        _probes++;
        var satisfies = node.Check(value, this);
        _probes--;
        return satisfies;
    }

    /// <summary>Reports a violation.</summary>
    /// <returns>False, for the caller to return.</returns>
    public bool Fail(string detail)
    {
        if (!IsProbe)
        {
            Add(detail);
        }

        return false;
    }

    /// <summary>Reports that the check ended for what it costs.</summary>
    public void AddCost(string detail) => (_errors ??= []).Add(ErrorHere(detail) with { IsCost = true });

    /// <summary>Reports a violation, also while probing.</summary>
    public void Add(string detail)
    {
        _errors ??= [];
        if (_errors.Count < MaxErrors)
        {
            _errors.Add(ErrorHere(detail));
        }
        else if (_errors.Count == MaxErrors)
        {
            _errors.Add(new SchemaError("", "There are more errors; these are the first."));
        }
    }

    private SchemaError ErrorHere(string detail) => new(Path.ToPointer()[1..], detail) { Place = Path.ToPointer(hidesContent: true)[1..] };
}

/// <summary>A check took more steps than it may.</summary>
internal sealed class SchemaCostException : Exception;
