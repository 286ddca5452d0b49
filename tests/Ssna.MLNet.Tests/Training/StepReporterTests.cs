using Microsoft.ML;
using Microsoft.ML.Runtime;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Runtime;
using Ssna.MLNet.Testing;

namespace Ssna.MLNet.Training;

[TestClass]
public sealed class StepReporterTests
{
    private readonly ManualClock _clock = new();
    private readonly List<SsnaStepProgress> _reports = [];
    private readonly List<string> _lines = [];

    [TestMethod]
    public void A_long_epoch_reports_every_second_and_logs_every_half_minute()
    {
        Run(steps: 200, TimeSpan.FromSeconds(0.4)); // 80 s
        Assert.HasCount(66, _reports, "every third step is a second after the last report");
        Assert.AreEqual(new SsnaStepProgress(7, 3, 200, TimeSpan.FromSeconds(1.2)), _reports[0]);
        Assert.IsTrue(_reports.Zip(_reports.Skip(1)).All(pair => pair.First.Step < pair.Second.Step));
        CollectionAssert.AreEqual(new[] { "Epoch 7: step 75 of 200.", "Epoch 7: step 150 of 200." }, _lines);
    }

    [TestMethod]
    public void A_short_epoch_says_nothing()
    {
        Run(steps: 9, TimeSpan.FromSeconds(0.1));
        Assert.IsEmpty(_reports);
        Assert.IsEmpty(_lines);
    }

    private void Run(int steps, TimeSpan each)
    {
        var context = new MLContext();
        context.Log += (_, entry) =>
        {
            if (entry.Kind == ChannelMessageKind.Info)
            {
                _lines.Add(entry.RawMessage);
            }
        };
        using IChannel channel = ((IChannelProvider)context).Start("test");
        var told = new RunContext(host: null, channel);
        var reporter = new StepReporter(new Calling<SsnaStepProgress>(_reports.Add), told, epoch: 7, steps, _clock);
        for (int step = 1; step <= steps; step++)
        {
            _clock.Now += each;
            reporter.Finished(step);
        }
    }
}
