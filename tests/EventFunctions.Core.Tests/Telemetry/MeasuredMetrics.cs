using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using System.Globalization;
using EventFunctions.Telemetry;

namespace EventFunctions.Tests.Telemetry;

/// <summary>Makes metrics, and keeps what they measure.</summary>
internal sealed class MeasuredMetrics : IMeterFactory
{
    private readonly MeterListener _listener = new();
    private readonly ConcurrentQueue<(string Instrument, string Value, string?[] Attributes)> _all = [];
    private readonly List<Meter> _meters = [];

    public MeasuredMetrics()
    {
        _listener.InstrumentPublished = (instrument, listener) =>
        {
            if (instrument.Meter.Scope == this)
            {
                listener.EnableMeasurementEvents(instrument);
            }
        };
        _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Keep(instrument, value, tags));
        _listener.SetMeasurementEventCallback<double>((instrument, value, tags, _) => Keep(instrument, value, tags));
        _listener.Start();
        Metrics = new EventMetrics(this);
    }

    public EventMetrics Metrics { get; }

    /// <summary>Returns the value and the first attribute's value of each measurement of an instrument, in their order.</summary>
    public IEnumerable<string> Of(string instrument) =>
        _all.Where(one => one.Instrument == instrument).Select(one => $"{one.Value} {one.Attributes.FirstOrDefault()}");

    /// <summary>Returns the values of all attributes of each measurement of an instrument, in their order.</summary>
    public IEnumerable<string> AttributesOf(string instrument) =>
        _all.Where(one => one.Instrument == instrument).Select(one => string.Join(' ', one.Attributes));

    public Meter Create(MeterOptions options)
    {
        var meter = new Meter(options.Name, null, null, this);
        _meters.Add(meter);
        return meter;
    }

    public void Dispose()
    {
        _listener.Dispose();
        _meters.ForEach(meter => meter.Dispose());
    }

    private void Keep<T>(Instrument instrument, T value, ReadOnlySpan<KeyValuePair<string, object?>> tags) =>
        _all.Enqueue((instrument.Name, string.Create(CultureInfo.InvariantCulture, $"{value}"), Array.ConvertAll(tags.ToArray(), tag => tag.Value?.ToString())));
}
