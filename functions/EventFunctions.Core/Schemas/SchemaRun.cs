using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Text.Json;
using EventFunctions.CloudEvents;
using EventFunctions.Schemas.Patterns;

namespace EventFunctions.Schemas;

/// <summary>One check of one payload: its position, its errors and its cost.</summary>
/// <param name="maxSteps">The most steps that it may take.</param>
internal sealed class SchemaRun(int maxSteps)
{
    private const int MaxErrors = 100;

    private const int BytesPerStep = 32;

    private const int CharactersPerStep = 8;

    // Which keyword costs most is found by samples: to count for each would cost more than most keywords.
    private const int SampleSteps = 1_024;

    private Dictionary<string, int>? _stepsByKeyword;
    private List<SchemaError>? _errors;
    private PatternThreads? _threads;
    private int _nextSample = Math.Min(SampleSteps, maxSteps + 1);
    private int _sampled;
    private int _probes;

    public JsonPath Path { get; } = new();

    public IReadOnlyList<SchemaError> Errors => _errors ?? (IReadOnlyList<SchemaError>)[];

    /// <summary>Whether only the outcome matters, so that the first violation ends the check.</summary>
    public bool IsProbe => _probes > 0;

    /// <summary>Whether the text of a violation would be reported.</summary>
    public bool WantsDetail => !IsProbe && !(_errors?.Count > MaxErrors);

    /// <summary>How many steps it took.</summary>
    public int Steps { get; private set; }

    /// <summary>Counts steps: each is about as long as a look at one value.</summary>
    /// <param name="keyword">The keyword that takes them.</param>
    /// <param name="steps">How many.</param>
    /// <exception cref="SchemaCostException">There were too many.</exception>
    public void Spend(string keyword, int steps = 1)
    {
        Steps += steps;
        if (Steps >= _nextSample)
        {
            Sample(keyword);
        }
    }

    /// <summary>Counts the steps of reading a value whole.</summary>
    /// <param name="keyword">The keyword that reads it.</param>
    /// <param name="value">The value.</param>
    /// <param name="weight">How much longer it takes than a look at each byte.</param>
    /// <exception cref="SchemaCostException">There were too many.</exception>
    public void SpendOn(string keyword, JsonElement value, int weight = 1) =>
        Spend(keyword, weight * (1 + (JsonMarshal.GetRawUtf8Value(value).Length / BytesPerStep)));

    /// <summary>Counts the steps of reading a name.</summary>
    public void SpendOn(string keyword, string name, int weight = 1) => Spend(keyword, weight * (1 + (name.Length / CharactersPerStep)));

    /// <summary>Whether an object has a member: a look at each that it has.</summary>
    /// <exception cref="SchemaCostException">There were too many steps.</exception>
    public bool Has(string keyword, JsonElement value, string name)
    {
        Spend(keyword, 2 + (value.GetPropertyCount() / 16) + (JsonMarshal.GetRawUtf8Value(value).Length / BytesPerStep));
        return value.TryGetProperty(name, out _);
    }

    /// <summary>Whether a text matches a pattern.</summary>
    /// <exception cref="SchemaCostException">There were too many steps.</exception>
    public bool Matches(PatternProgram pattern, string text) => pattern.IsMatch(text, _threads ??= new PatternThreads(this));

    /// <summary>Whether a value satisfies a schema; nothing is reported.</summary>
    public bool Probe(string keyword, SchemaNode node, JsonElement value)
    {
        _probes++;
        var satisfies = node.Check(keyword, value, this);
        _probes--;
        return satisfies;
    }

    /// <summary>Reports a violation.</summary>
    /// <returns>False, for the caller to return.</returns>
    public bool Fail([InterpolatedStringHandlerArgument("")] SchemaErrorText detail)
    {
        if (!IsProbe)
        {
            Add(detail.Text);
        }

        return false;
    }

    /// <summary>Reports that the check ended because of its cost.</summary>
    public void AddCost()
    {
        var keyword = _stepsByKeyword!.MaxBy(pair => pair.Value).Key;
        var limit = maxSteps < SchemaBudget.PerPayload
            ? $"Checking this request's events against their schemas takes more than {SchemaBudget.PerRequest} steps. Send fewer events in one request. The"
            : $"Checking the event against its schema takes more than {SchemaBudget.PerPayload} steps; the";
        (_errors ??= []).Add(ErrorHere($"{limit} keyword \"{keyword}\" takes the most.") with { ExceededBudget = true });
    }

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
            _errors.Add(new SchemaError("", "There are more errors; only the first ones are listed."));
        }
    }

    private void Sample(string keyword)
    {
        _stepsByKeyword ??= new(StringComparer.Ordinal);
        CollectionsMarshal.GetValueRefOrAddDefault(_stepsByKeyword, keyword, out _) += Steps - _sampled;
        (_sampled, _nextSample) = (Steps, Math.Min(Steps + SampleSteps, maxSteps + 1));
        if (Steps > maxSteps)
        {
            throw new SchemaCostException();
        }
    }

    private SchemaError ErrorHere(string detail) => new(Path.ToPointer()[1..], detail) { Place = Path.ToPointer(hidesContent: true)[1..] };
}

/// <summary>A check took more steps than it may.</summary>
internal sealed class SchemaCostException : Exception;
