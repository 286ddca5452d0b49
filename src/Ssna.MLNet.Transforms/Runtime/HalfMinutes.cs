namespace Ssna.MLNet.Runtime;

/// <summary>Says when work that may take long should tell the log where it is: every half minute.</summary>
/// <param name="time">The clock; null for the system's.</param>
internal sealed class HalfMinutes(TimeProvider? time = null)
{
    private static readonly TimeSpan s_between = TimeSpan.FromSeconds(30);

    private readonly TimeProvider _time = time ?? TimeProvider.System;
    private long _last = (time ?? TimeProvider.System).GetTimestamp();

    /// <summary>Whether half a minute has passed since this was last so, or since the start.</summary>
    public bool Passed()
    {
        long now = _time.GetTimestamp();
        if (_time.GetElapsedTime(_last, now) < s_between)
        {
            return false;
        }
        _last = now;
        return true;
    }
}
