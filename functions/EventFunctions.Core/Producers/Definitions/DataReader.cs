using System.Collections.Immutable;
using EventFunctions.CloudEvents;
using EventFunctions.Definitions;

namespace EventFunctions.Producers.Definitions;

/// <summary>Reads where a producer's full data is.</summary>
internal static class DataReader
{
    private static readonly ImmutableArray<string> Placeholders = ["{id}", "{subject}", "{type}", "{source}"];

    private static readonly ProducerData Defaults = new() { BaseUrl = new Uri("https://localhost/") };

    /// <summary>Reads <c>data</c>.</summary>
    /// <returns>Null where there is none, or its base URL is wrong.</returns>
    public static ProducerData? Read(DefinitionObject? data)
    {
        if (data is null)
        {
            return null;
        }

        const string Meaning = "A base URL must be an absolute http or https URL, such as \"https://policies.example.com/\".";
        var url = data.Text("baseUrl", CheckBaseUrl, Meaning);
        var baseUrl = url is null ? null : new Uri(url);
        var template = data.Text("template", template => CheckTemplate(template, baseUrl));
        var auth = ReadAuth(data.Object("auth"), baseUrl);
        var timeout = data.Duration("timeout", TimeSpan.FromMilliseconds(1), ProducerData.MaxTimeout);
        var maxBytes = data.Number("maxBytes", 1, ProducerData.MaxBytesLimit);
        data.Close();
        return baseUrl is null ? null : new ProducerData
        {
            BaseUrl = baseUrl,
            Template = template,
            Auth = auth,
            Timeout = timeout ?? Defaults.Timeout,
            MaxBytes = maxBytes ?? Defaults.MaxBytes,
        };

        static string? CheckBaseUrl(string text) =>
            !Uri.TryCreate(text, UriKind.Absolute, out var url) || !UriSyntax.IsAbsolute(text) || url.Scheme is not ("http" or "https") ? Meaning
            : text.Split('/') is not [_, "", { Length: > 0 } authority, ..] || authority.Contains('@', StringComparison.Ordinal) ? "A base URL must not contain a user name or password. Use auth."
            : url.Port == 0 ? "A base URL must not have port 0: no server listens there."
            : text.Contains('?', StringComparison.Ordinal) ? "A base URL must not have a query."
            : !text.EndsWith('/') ? "A base URL must end in \"/\"."
            : null;
    }

    private static string? CheckTemplate(string template, Uri? baseUrl)
    {
        var path = template;
        foreach (var placeholder in Placeholders)
        {
            path = path.Replace(placeholder, "x", StringComparison.Ordinal);
        }

        if (path.AsSpan().ContainsAny('{', '}'))
        {
            return "The placeholders of a template are {id}, {subject}, {type} and {source}.";
        }

        var isPath = path.Length > 0 && path[0] != '/' && !UriSyntax.IsAbsolute(path) && UriSyntax.IsReference(path) && !path.Contains('#', StringComparison.Ordinal);
        return isPath && (baseUrl is null || baseUrl.IsBaseOf(new Uri(baseUrl, path)))
            ? null
            : "A template must be a path below the base URL that does not begin with \"/\", such as \"policies/{subject}?event={id}\".";
    }

    private static ProducerAuth ReadAuth(DefinitionObject? auth, Uri? baseUrl)
    {
        if (auth is null)
        {
            return new();
        }

        var isGiven = auth.Has("kind");
        var kind = auth.Choice(
            "kind", ("none", ProducerAuthKind.None), ("header", ProducerAuthKind.Header), ("managedIdentity", ProducerAuthKind.ManagedIdentity));
        if (!isGiven)
        {
            kind = ProducerAuthKind.None;
        }

        var read = new ProducerAuth
        {
            Kind = kind ?? ProducerAuthKind.None,
            Header = Read("header", ProducerAuthKind.Header, "the name of a header", header => MediaType.IsToken(header) ? null : Needs("the name of a header")),
            Secret = Read("secret", ProducerAuthKind.Header, SecretName.Meaning, secret => SecretName.IsValid(secret) ? null : Needs(SecretName.Meaning)),
            Scope = Read("scope", ProducerAuthKind.ManagedIdentity, TokenScope.Meaning, TokenScope.Check),
        };
        auth.Close();
        if (read.Kind != ProducerAuthKind.None && baseUrl is { Scheme: "http", IsLoopback: false })
        {
            auth.Error(null, "Secrets are sent over https only. Use https in baseUrl.");
        }

        return read;

        static string Needs(string meaning) => $"This kind of auth needs {meaning}.";

        string? Read(string name, ProducerAuthKind belongsTo, string meaning, Func<string, string?> check)
        {
            if (kind is null || kind == belongsTo)
            {
                return auth.Text(name, check, kind is null ? null : Needs(meaning));
            }

            if (auth.TryTake(name, out _))
            {
                auth.Error(name, "Not allowed for this kind of auth.");
            }

            return null;
        }
    }
}
