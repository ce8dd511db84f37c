using System.Buffers.Binary;
using EventFunctions.Runtime;

namespace EventFunctions.Simulation.Machine;

/// <summary>Seeded random numbers (SplitMix64): the same in every process and every version of .NET.</summary>
internal sealed class Chance(ulong seed) : RandomProvider
{
    private ulong _state = seed;

    public override double NextDouble() => (Next() >> 11) * (1.0 / (1UL << 53));

    public override void Fill(Span<byte> bytes)
    {
        Span<byte> block = stackalloc byte[sizeof(ulong)];
        while (bytes.Length > 0)
        {
            BinaryPrimitives.WriteUInt64LittleEndian(block, Next());
            var count = Math.Min(bytes.Length, block.Length);
            block[..count].CopyTo(bytes);
            bytes = bytes[count..];
        }
    }

    /// <summary>Returns another sequence of numbers that depends on this seed and a name.</summary>
    public static Chance Of(ulong seed, int stream) => new(Mix(seed + (0x9E3779B97F4A7C15 * (ulong)(stream + 1))));

    public ulong Next()
    {
        _state += 0x9E3779B97F4A7C15;
        return Mix(_state);
    }

    /// <summary>Returns a whole number from 0 up to, but not including, a limit.</summary>
    public int Next(int limit) => (int)(((Next() >> 32) * (ulong)limit) >> 32);

    public bool Happens(double probability) => NextDouble() < probability;

    public TimeSpan Between(TimeSpan least, TimeSpan most) => least + ((most - least) * NextDouble());

    public T Pick<T>(IReadOnlyList<T> items) => items[Next(items.Count)];

    private static ulong Mix(ulong value)
    {
        value = (value ^ (value >> 30)) * 0xBF58476D1CE4E5B9;
        value = (value ^ (value >> 27)) * 0x94D049BB133111EB;
        return value ^ (value >> 31);
    }
}
