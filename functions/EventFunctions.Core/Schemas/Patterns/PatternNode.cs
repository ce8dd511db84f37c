namespace EventFunctions.Schemas.Patterns;

/// <summary>A part of a pattern.</summary>
/// <param name="Size">How many characters it has with its repetitions multiplied out.</param>
internal abstract record PatternNode(long Size);

/// <summary>One character.</summary>
internal sealed record LiteralNode(int CodePoint) : PatternNode(1);

/// <summary>One character of a set.</summary>
internal sealed record SetNode(CharacterSet Set) : PatternNode(1);

/// <summary>The start of the text, or its end.</summary>
internal sealed record AnchorNode(bool IsStart) : PatternNode(1);

/// <summary>Parts one after the other; none match the empty text.</summary>
internal sealed record SequenceNode(PatternNode[] Parts) : PatternNode(Math.Max(1, Parts.Sum(part => part.Size)));

/// <summary>One of several parts.</summary>
internal sealed record AlternativesNode(PatternNode[] Parts) : PatternNode(Parts.Sum(part => part.Size));

/// <summary>A part several times; null for any number of times.</summary>
internal sealed record RepetitionNode(PatternNode Part, int Min, int? Max) : PatternNode(Part.Size * Math.Max(1, Max ?? (Min + 1)));
