using System.Buffers;
using System.Collections.Immutable;
using System.Globalization;
using EventFunctions.Intake;

namespace EventFunctions.Producers;

/// <summary>One thing that is wrong with a producer's definition.</summary>
/// <param name="Path">The names from the definition inwards, such as <c>data</c>, <c>baseUrl</c>; empty for the definition itself.</param>
/// <param name="Detail">What is wrong and what would be right.</param>
public sealed record ProducerError(IReadOnlyList<string> Path, string Detail);

/// <summary>Turns a definition into a producer, or says everything that is wrong with it at once.</summary>
public static class ProducerValidator
{
    private const int MaxNameLength = 63;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789-");
    private static readonly SearchValues<char> SecretCharacters =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-");

    /// <summary>Validates one definition. Whether name and source are unique only its registry knows.</summary>
    /// <param name="definition">What somebody wrote down.</param>
    /// <param name="errors">Everything that is wrong; empty where nothing is.</param>
    /// <returns>The producer; null where there are errors.</returns>
    public static Producer? Validate(ProducerDefinition definition, out IReadOnlyList<ProducerError> errors)
    {
        ArgumentNullException.ThrowIfNull(definition);
        var found = new List<ProducerError>();
        CheckName(definition.Name, found);
        if (definition.Source is null || AttributeRules.CheckValue("source", definition.Source) is not null)
        {
            found.Add(new(["source"], $"A source is a URI-reference (RFC 3986 §4.1) of 1 to {AttributeRules.MaxIdentityBytes} bytes, such as \"/insurance/policies\"."));
        }

        foreach (var type in definition.Types)
        {
            if (AttributeRules.CheckValue("type", type) is { } wrong)
            {
                found.Add(new(["types", type], wrong));
            }
        }

        var data = definition.Data is null ? null : ReadData(definition.Data, found);
        errors = found;
        return found.Count > 0 ? null : new Producer
        {
            Name = definition.Name!,
            Source = definition.Source!,
            Data = data,
            Types = definition.Types.Distinct().ToImmutableSortedDictionary(type => type, _ => new ProducerType(), StringComparer.Ordinal),
        };
    }

    private static void CheckName(string? name, List<ProducerError> errors)
    {
        if (name is null or { Length: 0 or > MaxNameLength } || name.AsSpan().ContainsAnyExcept(NameCharacters) || name.StartsWith('-'))
        {
            errors.Add(new(["name"], $"A name consists of 1 to {MaxNameLength} lower-case letters, digits and hyphens and does not begin with a hyphen."));
        }
    }

    private static ProducerData? ReadData(ProducerDataDefinition definition, List<ProducerError> errors)
    {
        var baseUrl = ReadBaseUrl(definition.BaseUrl, errors);
        if (definition.Template is { } template && CheckTemplate(template, baseUrl) is { } wrong)
        {
            errors.Add(new(["data", "template"], wrong));
        }

        var auth = ReadAuth(definition.Auth ?? new(), baseUrl, errors);
        var defaults = new ProducerData { BaseUrl = new Uri("https://localhost/") };
        var timeout = defaults.Timeout;
        if (definition.Timeout is { } timeoutText
            && !(TimeSpan.TryParseExact(timeoutText, "c", CultureInfo.InvariantCulture, out timeout) && timeout > TimeSpan.Zero && timeout <= ProducerData.MaxTimeout))
        {
            errors.Add(new(["data", "timeout"], $"A timeout is written hh:mm:ss and is longer than zero and at most {ProducerData.MaxTimeout:c}."));
        }

        var maxBytes = defaults.MaxBytes;
        if (definition.MaxBytes is { } maxBytesText
            && !(int.TryParse(maxBytesText, NumberStyles.None, CultureInfo.InvariantCulture, out maxBytes) && maxBytes is > 0 and <= ProducerData.MaxBytesLimit))
        {
            errors.Add(new(["data", "maxBytes"], $"A whole number from 1 to {ProducerData.MaxBytesLimit}."));
        }

        return baseUrl is null || auth is null ? null : new ProducerData
        {
            BaseUrl = baseUrl,
            Template = definition.Template,
            Auth = auth,
            Timeout = timeout,
            MaxBytes = maxBytes,
        };
    }

    private static Uri? ReadBaseUrl(string? text, List<ProducerError> errors)
    {
        var wrong = !Uri.TryCreate(text, UriKind.Absolute, out var url) || !UriSyntax.IsAbsolute(text) || url.Scheme is not ("http" or "https")
            ? "A base URL is an absolute http or https URL, such as \"https://policies.example.com/\"."
            : text.Split('/') is not [_, "", { Length: > 0 } authority, ..] || authority.Contains('@', StringComparison.Ordinal) ? "A base URL holds no user name or password; see auth."
            : text.Contains('?', StringComparison.Ordinal) ? "A base URL has no query."
            : !text.EndsWith('/') ? "A base URL ends in \"/\"."
            : null;
        if (wrong is null)
        {
            return url;
        }

        errors.Add(new(["data", "baseUrl"], wrong));
        return null;
    }

    private static string? CheckTemplate(string template, Uri? baseUrl)
    {
        var path = template;
        foreach (var placeholder in new[] { "{id}", "{subject}", "{type}", "{source}" })
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
            : "A template is a path below the base URL that does not begin with \"/\", such as \"policies/{subject}?event={id}\".";
    }

    private static ProducerAuth? ReadAuth(ProducerAuthDefinition definition, Uri? baseUrl, List<ProducerError> errors)
    {
        var before = errors.Count;
        ProducerAuthKind? kind = definition.Kind switch
        {
            null or "none" => ProducerAuthKind.None,
            "header" => ProducerAuthKind.Header,
            "managedIdentity" => ProducerAuthKind.ManagedIdentity,
            _ => null,
        };
        if (kind is null)
        {
            errors.Add(new(["data", "auth", "kind"], "One of \"none\", \"header\", \"managedIdentity\"."));
            return null;
        }

        Expect("header", definition.Header, kind == ProducerAuthKind.Header, MediaType.IsToken(definition.Header), "the name of a header", errors);
        Expect("secret", definition.Secret, kind == ProducerAuthKind.Header,
            definition.Secret is { Length: > 0 } secret && !secret.AsSpan().ContainsAnyExcept(SecretCharacters),
            "the name of a setting below ProducerSecrets: (letters, digits, _ and -), not the secret itself", errors);
        Expect("scope", definition.Scope, kind == ProducerAuthKind.ManagedIdentity,
            definition.Scope is { } scope && UriSyntax.IsAbsolute(scope), "a scope, such as \"api://policies/.default\"", errors);
        if (kind != ProducerAuthKind.None && baseUrl is { Scheme: "http", IsLoopback: false })
        {
            errors.Add(new(["data", "auth"], "Secrets are sent over https only; baseUrl is http."));
        }

        return errors.Count > before ? null : new ProducerAuth
        {
            Kind = kind.Value,
            Header = definition.Header,
            Secret = definition.Secret,
            Scope = definition.Scope,
        };
    }

    private static void Expect(string name, string? value, bool belongs, bool isValid, string meaning, List<ProducerError> errors)
    {
        if (!belongs && value is not null)
        {
            errors.Add(new(["data", "auth", name], "Does not belong to this kind of auth."));
        }
        else if (belongs && !isValid)
        {
            errors.Add(new(["data", "auth", name], $"This kind of auth needs {meaning}."));
        }
    }
}
