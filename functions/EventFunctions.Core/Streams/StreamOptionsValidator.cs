using Microsoft.Extensions.Options;

namespace EventFunctions.Streams;

/// <summary>Checks what no range says of <see cref="StreamOptions"/>.</summary>
public sealed class StreamOptionsValidator : IValidateOptions<StreamOptions>
{
    /// <inheritdoc/>
    public ValidateOptionsResult Validate(string? name, StreamOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        List<string> failures =
        [
            .. options.AllowedOrigins.Index().Where(one => !IsOrigin(one.Item)).Select(one =>
                $"Stream:AllowedOrigins:{one.Index} is \"{one.Item}\", but must be a scheme and a host, as browsers send it; example: https://app.example.com."),
        ];
        return failures.Count > 0 ? ValidateOptionsResult.Fail(failures) : ValidateOptionsResult.Success;
    }

    private static bool IsOrigin(string text) =>
        Uri.TryCreate(text, UriKind.Absolute, out var url)
        && (url.Scheme == Uri.UriSchemeHttps || url.Scheme == Uri.UriSchemeHttp)
        && url.Host.Length > 0
        && string.Equals(text, url.GetLeftPart(UriPartial.Authority), StringComparison.OrdinalIgnoreCase);
}
