using System.Globalization;
using EventFunctions.Runtime;

namespace EventFunctions.Tests.Runtime;

public sealed class RandomProviderTests
{
    private static readonly DateTimeOffset Time = new(2026, 3, 1, 10, 0, 0, TimeSpan.Zero);

    [Fact]
    public void An_id_with_a_time_is_a_version_7_uuid_that_sorts_by_the_time_to_the_microsecond()
    {
        var ids = Enumerable.Range(0, 5_000).Select(i => RandomProvider.Current.NewId(Time.AddMicroseconds(i))).ToList();

        Assert.Equal(ids.Order(StringComparer.Ordinal), ids);
        Assert.All(ids, id =>
        {
            var uuid = Guid.ParseExact(id, "N");
            Assert.Equal((7, true), (uuid.Version, uuid.Variant is >= 8 and <= 11));
            Assert.InRange(long.Parse(id[..12], NumberStyles.HexNumber, CultureInfo.InvariantCulture), Time.ToUnixTimeMilliseconds(), Time.AddMilliseconds(4).ToUnixTimeMilliseconds());
        });
    }

    [Fact]
    public void A_thread_can_have_a_provider_of_its_own()
    {
        var thread = new Thread(() =>
        {
            RandomProvider.Use(new Fixed());
            Assert.Equal((0.5, new string('7', 32)), (RandomProvider.Current.NextDouble(), RandomProvider.Current.NewId()));
            RandomProvider.Use(null);
            Assert.NotEqual(RandomProvider.Current.NewId(), RandomProvider.Current.NewId());
        });
        thread.Start();
        thread.Join();
    }

    private sealed class Fixed : RandomProvider
    {
        public override double NextDouble() => 0.5;

        public override void Fill(Span<byte> bytes) => bytes.Fill(0x77);
    }
}
