namespace Ssna.MLNet.Testing;

/// <summary>A clock that a test moves.</summary>
public sealed class ManualClock : TimeProvider
{
    public TimeSpan Now { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Now.Ticks;
}
