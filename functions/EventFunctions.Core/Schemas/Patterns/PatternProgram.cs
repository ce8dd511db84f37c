namespace EventFunctions.Schemas.Patterns;

/// <summary>
/// A pattern as a nondeterministic automaton: its memory is known before it is used, and a match takes time in proportion to
/// the text times the pattern, which the check's steps pay for.
/// </summary>
internal sealed class PatternProgram
{
    private const int MaxInstructions = 4_000;

    // While it is compiled it takes twice what it keeps.
    private const int InstructionBytes = 16;

    private readonly Instruction[] _instructions;
    private readonly CharacterSet[] _sets;

    private PatternProgram(Instruction[] instructions, CharacterSet[] sets) => (_instructions, _sets) = (instructions, sets);

    /// <summary>About how many bytes of memory it takes.</summary>
    public int Bytes => 128 + (InstructionBytes * _instructions.Length) + _sets.Sum(set => set.Bytes);

    /// <summary>Compiles a pattern.</summary>
    /// <param name="pattern">The pattern, not anchored.</param>
    /// <exception cref="FormatException">It is rejected; the message says why.</exception>
    public static PatternProgram Compile(string pattern)
    {
        var writer = new Writer();
        writer.Write(PatternParser.Parse(pattern));
        writer.End();
        return new PatternProgram([.. writer.Instructions], [.. writer.Sets]);
    }

    /// <summary>Whether a text has a match.</summary>
    /// <param name="text">The text.</param>
    /// <param name="threads">The memory to work in, which pays for each look at an instruction.</param>
    public bool IsMatch(string text, PatternThreads threads)
    {
        threads.Begin(_instructions.Length);
        var matches = FindMatch(text, threads);
        threads.Pay();
        return matches;
    }

    private bool FindMatch(string text, PatternThreads threads)
    {
        var at = 0;
        var mustBeginAtStart = _instructions[0].Operation == Operation.Start;
        while (!Follow(0, at, text.Length, threads))
        {
            if (at == text.Length || (mustBeginAtStart && threads.IsIdle))
            {
                return false;
            }

            var codePoint = PatternEscape.CodePointAt(text, ref at);
            foreach (var pc in threads.Advance())
            {
                if (Matches(_instructions[pc], codePoint) && Follow(pc + 1, at, text.Length, threads))
                {
                    return true;
                }
            }
        }

        return true;
    }

    private bool Matches(Instruction instruction, int codePoint) =>
        instruction.Operation == Operation.Literal ? instruction.Target == codePoint : _sets[instruction.Target].Contains(codePoint);

    // Goes on without a character from one instruction to all those that wait for one; true at the end of the pattern.
    private bool Follow(int start, int at, int length, PatternThreads threads)
    {
        threads.Push(start);
        while (threads.TryPop(out var pc))
        {
            var instruction = _instructions[pc];
            switch (instruction.Operation)
            {
                case Operation.Match:
                    return true;
                case Operation.Literal or Operation.Set:
                    threads.Wait(pc);
                    break;
                case Operation.Start when at == 0:
                case Operation.End when at == length:
                    threads.Push(pc + 1);
                    break;
                case Operation.Jump:
                    threads.Push(instruction.Target);
                    break;
                case Operation.Split:
                    threads.Push(pc + 1);
                    threads.Push(instruction.Target);
                    break;
                default:
                    break;
            }
        }

        return false;
    }

    private enum Operation
    {
        Match,
        Literal,
        Set,
        Start,
        End,
        Jump,
        Split,
    }

    private readonly record struct Instruction(Operation Operation, int Target = 0);

    private sealed class Writer
    {
        private readonly Dictionary<CharacterSet, int> _indexes = new(ReferenceEqualityComparer.Instance);

        public List<Instruction> Instructions { get; } = [];

        public List<CharacterSet> Sets { get; } = [];

        public void End() => Add(new Instruction(Operation.Match));

        public void Write(PatternNode node)
        {
            switch (node)
            {
                case LiteralNode { CodePoint: var codePoint }:
                    Add(new Instruction(Operation.Literal, codePoint));
                    break;
                case SetNode { Set: var set }:
                    Add(new Instruction(Operation.Set, IndexOf(set)));
                    break;
                case AnchorNode { IsStart: var isStart }:
                    Add(new Instruction(isStart ? Operation.Start : Operation.End));
                    break;
                case SequenceNode { Parts: var parts }:
                    Array.ForEach(parts, Write);
                    break;
                case AlternativesNode { Parts: var parts }:
                    Write(parts);
                    break;
                case RepetitionNode repetition:
                    Write(repetition);
                    break;
                default:
                    throw new InvalidOperationException("Unknown part of a pattern.");
            }
        }

        private void Write(PatternNode[] alternatives)
        {
            var jumps = new List<int>();
            for (var i = 0; i < alternatives.Length - 1; i++)
            {
                var split = Reserve();
                Write(alternatives[i]);
                jumps.Add(Reserve());
                Instructions[split] = new Instruction(Operation.Split, Instructions.Count);
            }

            Write(alternatives[^1]);
            jumps.ForEach(jump => Instructions[jump] = new Instruction(Operation.Jump, Instructions.Count));
        }

        private void Write(RepetitionNode repetition)
        {
            for (var i = 0; i < repetition.Min; i++)
            {
                Write(repetition.Part);
            }

            var optional = repetition.Max is { } max ? max - repetition.Min : 1;
            Span<int> splits = optional <= 1 ? stackalloc int[1] : new int[optional];
            for (var i = 0; i < optional; i++)
            {
                splits[i] = Reserve();
                Write(repetition.Part);
            }

            if (repetition.Max is null)
            {
                Add(new Instruction(Operation.Jump, splits[0]));
            }

            foreach (var split in splits[..optional])
            {
                Instructions[split] = new Instruction(Operation.Split, Instructions.Count);
            }
        }

        private int Reserve()
        {
            Add(default);
            return Instructions.Count - 1;
        }

        private void Add(Instruction instruction)
        {
            if (Instructions.Count == MaxInstructions)
            {
                throw new FormatException("The pattern is too large: its repetitions and alternatives multiply.");
            }

            Instructions.Add(instruction);
        }

        private int IndexOf(CharacterSet set)
        {
            if (!_indexes.TryGetValue(set, out var index))
            {
                _indexes[set] = index = Sets.Count;
                Sets.Add(set);
            }

            return index;
        }
    }
}
