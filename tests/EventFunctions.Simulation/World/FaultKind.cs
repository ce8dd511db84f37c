namespace EventFunctions.Simulation.World;

/// <summary>What goes wrong in a simulated world.</summary>
internal enum FaultKind
{
    /// <summary>An instance dies before the effect of a call.</summary>
    DeathBefore,

    /// <summary>An instance dies after the effect of a call, and before it knows.</summary>
    DeathAfter,

    /// <summary>A call fails without effect.</summary>
    LostBefore,

    /// <summary>A call has its effect, and its answer is lost.</summary>
    LostAfter,

    /// <summary>A call is slow.</summary>
    Slow,

    /// <summary>A call is not answered until the client library gives it up.</summary>
    Hang,

    /// <summary>A client library repeats a write whose answer it lost.</summary>
    Repeat,

    /// <summary>A read answers what was there before the last write.</summary>
    Stale,

    /// <summary>The store, the topic or the queue is down for a while.</summary>
    Outage,

    /// <summary>An instance's clock jumps by up to a day, or drifts.</summary>
    Clock,

    /// <summary>The topic delivers late.</summary>
    TopicLate,

    /// <summary>The topic delivers twice.</summary>
    TopicTwice,

    /// <summary>The topic gives an event up.</summary>
    TopicDeadLetter,

    /// <summary>A message of a queue is handled twice.</summary>
    QueueTwice,

    /// <summary>A message of a queue is lost.</summary>
    QueueLost,

    /// <summary>A producer does not answer, or answers with an error.</summary>
    Producer,

    /// <summary>A producer answers that there is no such data.</summary>
    ProducerGone,

    /// <summary>A customer's endpoint does not answer, or answers with an error.</summary>
    Endpoint,

    /// <summary>A query answers without what another instance wrote a moment ago.</summary>
    StaleQuery,

    /// <summary>A write of several records fails after some of them.</summary>
    Partial,

    /// <summary>The feed of changes lags, or repeats changes.</summary>
    Changes,

    /// <summary>An instance is told to stop, and ends a while later.</summary>
    Stop,

    /// <summary>An endpoint answers that it is gone (410).</summary>
    EndpointGone,
}
