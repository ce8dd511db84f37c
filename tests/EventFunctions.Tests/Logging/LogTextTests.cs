using EventFunctions.Logging;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace EventFunctions.Tests.Logging;

public sealed class LogTextTests
{
    [Theory]
    [InlineData("Request starting HTTP/1.1 POST http://127.0.0.1:7071/api/events?code=KEY&x=2 - text/plain", "Request starting HTTP/1.1 POST http://127.0.0.1:7071/api/events?code=Redacted&x=Redacted - text/plain")]
    [InlineData("?code=a%20b==", "?code=Redacted")]
    [InlineData("Opening http://localhost/api/dashboard#token=KEY.", "Opening http://localhost/api/dashboard#token=Redacted")]
    [InlineData("Fetching 'https://user:p@ss@example.com/a?sig=b' failed", "Fetching 'https://Redacted@example.com/a?sig=Redacted' failed")]
    [InlineData("mail a@example.com & b=c? d=e", "mail a@example.com & b=c? d=e")]
    [InlineData("id \u001B]0;x\u0007\r\n\u202E\u2028", "id \\u001B]0;x\\u0007\\u000D\\u000A\\u202E\\u2028")]
    public void A_log_line_has_no_secret_of_a_url_and_no_control_character(string text, string logged) => Assert.Equal(logged, LogText.Of(text));

    [Fact]
    public void Message_values_and_exceptions_are_all_made_safe()
    {
        var sink = new Sink();
        var services = new ServiceCollection().AddLogging(logging => logging.AddProvider(sink));
        using var provider = SafeLoggerFactory.AddTo(services).BuildServiceProvider();
        var failure = new InvalidOperationException("outer \u001B[2J", new HttpRequestException("https://a:KEY@b/?t=KEY"));

        provider.GetRequiredService<ILogger<LogTextTests>>().LogWarning(failure, "{Id} at {Url} {Count} times", "\u009B1m", new Uri("https://a:KEY@b/?t=KEY"), 3);

        var (message, values, exception) = Assert.Single(sink.Entries);
        Assert.Equal("\\u009B1m at https://Redacted@b/?t=Redacted 3 times", message);
        Assert.Equal(["\\u009B1m", "https://Redacted@b/?t=Redacted", 3], values.Take(3).Select(value => value.Value));
        Assert.All((string[])[exception!.ToString(), exception.Message, exception.InnerException!.Message, exception.InnerException.ToString()], text =>
        {
            Assert.DoesNotContain("KEY", text, StringComparison.Ordinal);
            Assert.DoesNotContain('\u001B', text);
        });
        Assert.Contains("System.InvalidOperationException: outer \\u001B[2J", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void An_exception_with_nothing_to_hide_is_logged_as_it_is()
    {
        var failure = new InvalidOperationException("Service failed.\nStatus: 403");

        Assert.Same(failure, LoggedException.Of(failure));
    }

    private sealed class Sink : ILoggerProvider, ILogger
    {
        public List<(string Message, IReadOnlyList<KeyValuePair<string, object?>> Values, Exception? Exception)> Entries { get; } = [];

        public ILogger CreateLogger(string categoryName) => this;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Entries.Add((formatter(state, exception), (IReadOnlyList<KeyValuePair<string, object?>>)state!, exception));

        public void Dispose()
        {
        }
    }
}
