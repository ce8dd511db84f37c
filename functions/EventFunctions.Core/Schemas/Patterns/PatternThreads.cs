using System.Numerics;

namespace EventFunctions.Schemas.Patterns;

/// <summary>Where the automaton of a pattern stands: the instructions that wait for a character, each once.</summary>
/// <param name="run">The check that pays for the matches.</param>
internal sealed class PatternThreads(SchemaRun run)
{
    private const int LooksPerStep = 12;

    // To go on to the next character takes about as long.
    private const int LooksPerCharacter = 8;

    private const int LooksPerPayment = 64 * LooksPerStep;

    private int[] _waiting = [];
    private int[] _before = [];
    private int[] _stack = [];
    private int[] _seenAt = [];
    private int _waitingCount;
    private int _stackCount;
    private int _looks;
    private int _now;

    /// <summary>Whether no instruction waits for a character.</summary>
    public bool IsIdle => _waitingCount == 0;

    /// <summary>Begins a match.</summary>
    /// <param name="length">How many instructions the pattern has.</param>
    public void Begin(int length)
    {
        if (_waiting.Length < length)
        {
            var capacity = (int)BitOperations.RoundUpToPowerOf2((uint)length);
            (_waiting, _before, _stack, _seenAt) = (new int[capacity], new int[capacity], new int[capacity], new int[capacity]);
            _now = 0;
        }

        (_waitingCount, _stackCount) = (0, 0);
        BeginCharacter();
    }

    /// <summary>Goes to the next character.</summary>
    /// <returns>The instructions that waited for it.</returns>
    /// <exception cref="SchemaCostException">The check has taken too many steps.</exception>
    public ReadOnlySpan<int> Advance()
    {
        (_waiting, _before) = (_before, _waiting);
        var count = _waitingCount;
        _waitingCount = 0;
        BeginCharacter();
        _looks += LooksPerCharacter + count;
        if (_looks >= LooksPerPayment)
        {
            Pay();
        }

        return _before.AsSpan(0, count);
    }

    /// <summary>Pays for all looks so far.</summary>
    /// <exception cref="SchemaCostException">The check has taken too many steps.</exception>
    public void Pay()
    {
        run.Spend("pattern", 1 + (_looks / LooksPerStep));
        _looks = 0;
    }

    /// <summary>Looks at an instruction, unless it was looked at for this character.</summary>
    public void Push(int pc)
    {
        _looks++;
        if (_seenAt[pc] != _now)
        {
            _seenAt[pc] = _now;
            _stack[_stackCount++] = pc;
        }
    }

    public bool TryPop(out int pc)
    {
        pc = _stackCount > 0 ? _stack[--_stackCount] : -1;
        return pc >= 0;
    }

    /// <summary>Notes that an instruction waits for the next character.</summary>
    public void Wait(int pc) => _waiting[_waitingCount++] = pc;

    private void BeginCharacter()
    {
        if (++_now == int.MaxValue)
        {
            Array.Clear(_seenAt);
            _now = 1;
        }
    }
}
