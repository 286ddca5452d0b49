using Microsoft.ML.Trainers.Recommender;
using Microsoft.ML.Transforms;
using Spectre.Console;

namespace Ssna.MLNet.Tool.Tests;

[TestClass]
public sealed class ProgressBarsTests
{
    [TestMethod]
    public void A_terminal_sees_every_stage_and_the_result_of_the_work_comes_back()
    {
        using var screen = new StringWriter();
        // A thread draws while another reads: the writer's own lock is for both.
        TextWriter writer = TextWriter.Synchronized(screen);
        IAnsiConsole console = AnsiConsole.Create(
            new AnsiConsoleSettings
            {
                Out = new AnsiConsoleOutput(writer),
                Ansi = AnsiSupport.Yes,
                Interactive = InteractionSupport.Yes,
            }
        );
        console.Profile.Width = 200;
        string seen = "";
        int result = ProgressBars.Run(
            console,
            progress =>
            {
                Report(
                    () => progress.Report(new ModelHubProgress("owner/name", "model.safetensors", 5, 10)),
                    "owner/name"
                );
                Report(
                    () => progress.Report(new EncoderLayersProgress(1200, 5000, 0, TimeSpan.FromSeconds(1))),
                    "1,200"
                );
                Report(() => progress.Report(new SsnaStepProgress(1, 3, 9, TimeSpan.FromSeconds(1))), "step 3 of 9");
                Report(() => progress.Report(Epoch(1)), "best epoch 1");
                progress.Report(new SsnaStepProgress(2, 3, 9, TimeSpan.FromSeconds(1)));
                Report(() => progress.Report(Epoch(2)), "best epoch 2");
                return 7;
            }
        );
        Assert.AreEqual(7, result);

        // Bars are drawn by a thread of their own, ten times a second.
        void Report(Action report, string text)
        {
            report();
            for (int tries = 0; tries < 500 && !seen.Contains(text, StringComparison.Ordinal); tries++)
            {
                Thread.Sleep(20);
                lock (writer)
                {
                    seen = screen.ToString();
                }
            }
            StringAssert.Contains(seen, text);
        }
    }

    private static SsnaTrainingProgress Epoch(int epoch) =>
        new(epoch, 20, 1.5, 0.25, 0.125, epoch, TimeSpan.FromSeconds(1), TimeSpan.Zero, 100, 9, 9);
}
