using System.Globalization;
using System.Runtime.CompilerServices;

namespace EventFunctions.Schemas;

/// <summary>The text of a violation, which is put together only if it is reported.</summary>
[InterpolatedStringHandler]
internal ref struct SchemaErrorText
{
    private DefaultInterpolatedStringHandler _text;

    public SchemaErrorText(int literalLength, int formattedCount, SchemaRun run, out bool isWanted)
    {
        isWanted = run.WantsDetail;
        _text = isWanted ? new(literalLength, formattedCount, CultureInfo.InvariantCulture) : default;
    }

    public string Text => _text.ToStringAndClear();

    public void AppendLiteral(string value) => _text.AppendLiteral(value);

    public void AppendFormatted<T>(T value) => _text.AppendFormatted(value);
}
