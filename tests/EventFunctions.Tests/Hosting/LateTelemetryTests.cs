using System.Diagnostics;
using EventFunctions.Composition;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Logs;
using OpenTelemetry.Trace;

namespace EventFunctions.Tests.Hosting;

public sealed class LateTelemetryTests
{
    [Fact]
    public async Task Telemetry_starts_after_the_hosted_services_before_it_and_exports_what_is_logged_then()
    {
        using var activities = new ActivitySource("late telemetry of a test");
        var exporter = new Lines();
        var before = new Connection(activities);
        var builder = Host.CreateEmptyApplicationBuilder(null);
        builder.Services.AddLogging().AddSingleton<IHostedService>(before);
        builder.Services.AddOpenTelemetry()
            .WithTracing(traces => traces.AddSource(activities.Name))
            .WithMetrics()
            .WithLogging(logs => logs.AddProcessor(new SimpleLogRecordExportProcessor(exporter)));
        LateTelemetry.AddTo(builder.Services);
        using var host = builder.Build();
        var logger = host.Services.GetRequiredService<ILogger<LateTelemetryTests>>();
        logger.LogWarning("early");

        await host.StartAsync(TestContext.Current.CancellationToken);
        logger.LogWarning("late");

        Assert.False(before.SawListeners);
        Assert.True(activities.HasListeners());
        Assert.DoesNotContain("early", exporter.All);
        Assert.Contains("late", exporter.All);
    }

    private sealed class Connection(ActivitySource activities) : IHostedService
    {
        public bool? SawListeners { get; private set; }

        public Task StartAsync(CancellationToken cancellationToken)
        {
            SawListeners = activities.HasListeners();
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;
    }

    private sealed class Lines : BaseExporter<LogRecord>
    {
        public List<string> All { get; } = [];

        public override ExportResult Export(in Batch<LogRecord> batch)
        {
            foreach (var record in batch)
            {
                All.Add(record.Body!);
            }

            return ExportResult.Success;
        }
    }
}
