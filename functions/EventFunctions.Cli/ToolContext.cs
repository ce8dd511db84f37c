using System.Text;
using Azure.Core;
using Azure.Identity;

namespace EventFunctions.Cli;

/// <summary>What surrounds a command: its streams, its environment, the network.</summary>
internal sealed record ToolContext
{
    /// <summary>Standard input.</summary>
    public required Stream Input { get; init; }

    /// <summary>Standard output: the result.</summary>
    public required TextWriter Output { get; init; }

    /// <summary>Standard output for results in bytes; null if only text is possible.</summary>
    public Stream? RawOutput { get; init; }

    /// <summary>Standard error: messages and progress.</summary>
    public required TextWriter Error { get; init; }

    /// <summary>Whether a person types the input.</summary>
    public bool IsInputTerminal { get; init; }

    /// <summary>Whether a person watches the output.</summary>
    public bool IsOutputTerminal { get; init; }

    /// <summary>Whether a person watches the messages.</summary>
    public bool IsErrorTerminal { get; init; }

    /// <summary>Reads an environment variable.</summary>
    public Func<string, string?> Variable { get; init; } = Environment.GetEnvironmentVariable;

    /// <summary>What stands before the network.</summary>
    public Func<HttpMessageHandler, HttpMessageHandler> Network { get; init; } = handler => handler;

    /// <summary>Makes the credential that Entra ID tokens are asked of.</summary>
    public Func<TokenCredential> Credential { get; init; } = () => new DefaultAzureCredential();

    /// <summary>The clock.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;

    /// <summary>The process's own.</summary>
    public static ToolContext OfProcess()
    {
        // Events are UTF-8, whatever the code page of the terminal or pipe.
        Console.OutputEncoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false);
        return new ToolContext
        {
            Input = Console.OpenStandardInput(),
            Output = Console.Out,
            RawOutput = Console.OpenStandardOutput(),
            Error = Console.Error,
            IsInputTerminal = !Console.IsInputRedirected,
            IsOutputTerminal = !Console.IsOutputRedirected,
            IsErrorTerminal = !Console.IsErrorRedirected,
        };
    }
}
