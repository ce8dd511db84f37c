using System.Buffers.Binary;
using System.Security.Cryptography;

namespace EventFunctions.Runtime;

/// <summary>Supplies random numbers and IDs. As with <see cref="TimeProvider"/>, another one can take its place: the simulation's is seeded.</summary>
internal abstract class RandomProvider
{
    private const int IdBytes = 16;

    private static readonly RandomProvider System = new SystemRandom();

    // A simulated service runs on one thread, so its provider is that thread's.
    [ThreadStatic]
    private static RandomProvider? _ofThread;

    /// <summary>The provider of the current thread.</summary>
    public static RandomProvider Current => _ofThread ?? System;

    /// <summary>Replaces the provider of the current thread; null restores the system's.</summary>
    /// <param name="provider">The provider.</param>
    public static void Use(RandomProvider? provider) => _ofThread = provider;

    /// <summary>Returns a number from 0 up to, but not including, 1.</summary>
    public abstract double NextDouble();

    /// <summary>Fills a buffer with bytes that are fit for secrets.</summary>
    /// <param name="bytes">The buffer.</param>
    public abstract void Fill(Span<byte> bytes);

    /// <summary>Returns bytes that are fit for secrets.</summary>
    /// <param name="count">How many.</param>
    public byte[] GetBytes(int count)
    {
        var bytes = new byte[count];
        Fill(bytes);
        return bytes;
    }

    /// <summary>Returns an ID of 32 hexadecimal digits.</summary>
    public string NewId() => Convert.ToHexStringLower(GetBytes(IdBytes));

    /// <summary>Returns an ID of 32 hexadecimal digits that sorts by its time, to a microsecond: a UUID version 7 (RFC 9562, method 3 of section 6.2).</summary>
    /// <param name="time">The time.</param>
    public string NewId(DateTimeOffset time)
    {
        var bytes = GetBytes(IdBytes);
        var milliseconds = time.ToUnixTimeMilliseconds();
        BinaryPrimitives.WriteInt16BigEndian(bytes, (short)(milliseconds >> 32));
        BinaryPrimitives.WriteInt32BigEndian(bytes.AsSpan(sizeof(short)), (int)milliseconds);
        var fraction = (short)(time.UtcTicks % TimeSpan.TicksPerMillisecond * 0x1000 / TimeSpan.TicksPerMillisecond);
        BinaryPrimitives.WriteInt16BigEndian(bytes.AsSpan(sizeof(short) + sizeof(int)), (short)(fraction | 0x7000));
        bytes[8] = (byte)((bytes[8] & 0x3F) | 0x80);
        return Convert.ToHexStringLower(bytes);
    }

    private sealed class SystemRandom : RandomProvider
    {
        public override double NextDouble() => Random.Shared.NextDouble();

        public override void Fill(Span<byte> bytes) => RandomNumberGenerator.Fill(bytes);
    }
}
