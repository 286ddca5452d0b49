using Ssna.MLNet.Runtime;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Transforms.Tests.Runtime;

[TestClass]
public sealed class HalfMinutesTests
{
    [TestMethod]
    public void Long_work_speaks_every_half_minute_and_short_work_never()
    {
        var clock = new ManualClock();
        var halfMinutes = new HalfMinutes(clock);
        var spoke = new List<int>();
        for (int second = 1; second <= 95; second++)
        {
            clock.Now += TimeSpan.FromSeconds(1);
            if (halfMinutes.Passed())
            {
                spoke.Add(second);
            }
        }
        CollectionAssert.AreEqual(new[] { 30, 60, 90 }, spoke);
    }
}
