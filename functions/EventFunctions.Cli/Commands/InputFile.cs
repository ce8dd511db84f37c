namespace EventFunctions.Cli.Commands;

/// <summary>Reads what a file or standard input holds.</summary>
internal static class InputFile
{
    // The service takes less.
    private const int MaxBytes = 16_777_216;

    private const string StandardInput = "-";

    /// <summary>Opens a file that was named on the command line.</summary>
    /// <param name="call">The run of the command.</param>
    /// <param name="file">The file; <c>-</c> for standard input.</param>
    /// <exception cref="ToolException">It cannot be read.</exception>
    public static Stream Open(Call call, string file)
    {
        try
        {
            return file == StandardInput ? call.Context.Input : File.OpenRead(file);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            throw new ToolException(ExitCode.Usage, e.Message);
        }
    }

    /// <summary>Reads all of it.</summary>
    /// <param name="call">The run of the command.</param>
    /// <param name="file">The file; <c>-</c> for standard input.</param>
    /// <param name="cancellationToken">Ends it.</param>
    /// <exception cref="ToolException">It cannot be read, or is far too large.</exception>
    public static async Task<byte[]> ReadAsync(Call call, string file, CancellationToken cancellationToken)
    {
        await using var input = Open(call, file);
        using var content = new MemoryStream();
        var buffer = new byte[81_920];
        for (int count; (count = await input.ReadAsync(buffer, cancellationToken)) > 0;)
        {
            content.Write(buffer, 0, count);
            if (content.Length > MaxBytes)
            {
                throw new ToolException(ExitCode.Usage, $"{file} is far larger than what the service takes.");
            }
        }

        return content.ToArray();
    }

    /// <summary>Whether JSON is an array.</summary>
    /// <param name="json">UTF-8.</param>
    public static bool IsArray(ReadOnlySpan<byte> json) => json.TrimStart(" \t\r\n"u8) is [(byte)'[', ..];
}
