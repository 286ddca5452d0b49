// A program of which MPI's launchers start several at once; tests look at what it prints, a line a rank.
//   exchange             sums, gathers and broadcasts numbers that every rank knows
//   train FILE [FOLDER]  trains the ring shop and saves it on rank 0; FOLDER takes checkpoints
//   KIND FILE [FOLDER]   the same, in which something happens to rank 1:
//     unlike   it is given another seed             cancel   it is cancelled after the second epoch
//     error    it throws after the second epoch     kill     it is killed after the second epoch
//     stop     it is stopped (SIGSTOP) after the second epoch
//     leave    it ends without having trained
using System.Diagnostics;
using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Microsoft.ML;
using Microsoft.ML.Trainers.Recommender;
using Ssna.MLNet.Mpi;
using Ssna.MLNet.Tests;

MpiCollective collective = MpiCollective.FromEnvironment(TimeSpan.FromSeconds(5), Console.Error.WriteLine);
if (args is ["exchange"])
{
    return Exchange();
}
string kind = args[0];
bool isSecond = collective.Rank == 1;
var mlContext = new MLContext();
SsnaTrainer.Options options = RingShop.Options<string>(mlContext);
options.SequenceModel = new SequenceModel.SASRec
{
    InnerSize = 32,
    Dropout = 0.2f,
    MaximumSequenceLength = 8,
};
options.LearnRepeats = true;
options.MaximumEpochs = 4;
options.NumberOfThreads = 1;
options.Collective = collective;
options.CheckpointFolder = args.ElementAtOrDefault(2);
options.CheckpointEpochs = 1;
using var cancellation = new CancellationTokenSource();
options.CancellationToken = cancellation.Token;
options.Progress = new Calling(epoch =>
{
    if (epoch == 2 && isSecond)
    {
        Happen();
    }
});
if (isSecond && kind == "unlike")
{
    options.Seed = 4;
}
if (isSecond && kind == "leave")
{
    return 0;
}
try
{
    using SsnaTransformer model = mlContext
        .Recommendation()
        .Trainers.Ssna(options)
        .Fit(RingShop.TrainingUsers<string>(mlContext));
    if (collective.Rank == 0)
    {
        model.Save(args[1]);
    }
    float[] embeddings =
    [
        .. mlContext
            .Data.CreateEnumerable<Row>(model.GetItemEmbeddings(), reuseRowObject: false)
            .SelectMany(row => row.Embedding),
    ];
    string hash = Convert.ToHexStringLower(SHA256.HashData(MemoryMarshal.AsBytes<float>(embeddings)))[..8];
    Say($"trained {hash} {collective.Statistics.Calls} calls");
    return 0;
}
catch (OperationCanceledException)
{
    Say("cancelled");
    return 0;
}
catch (InvalidOperationException error) when (kind == "unlike")
{
    Say("refused " + error.Message);
    return 0;
}

void Say(string line) =>
    Console.WriteLine($"rank {collective.Rank} of {collective.Size}: {line}".ToString(CultureInfo.InvariantCulture));

void Happen()
{
    switch (kind)
    {
        case "cancel":
            cancellation.Cancel();
            break;
        case "error":
            throw new InvalidOperationException("something happened to this rank alone");
        case "kill":
            Process.GetCurrentProcess().Kill();
            break;
        case "stop":
            using (Process.Start("kill", ["-STOP", Environment.ProcessId.ToString(CultureInfo.InvariantCulture)])) { }
            Thread.Sleep(1000);
            break;
    }
}

string? NoText() => collective.Size > 0 ? null : "";

int Exchange()
{
    int rank = collective.Rank;
    float[] floats = [rank, 1, 0.5f];
    collective.Sum(floats);
    double[] doubles = [rank, 1e300];
    collective.Sum(doubles);
    int[] lengths = [.. Enumerable.Range(0, collective.Size).Select(of => of + 1)];
    float[] gathered = new float[lengths.Sum()];
    int start = lengths.Take(rank).Sum();
    gathered.AsSpan(start, rank + 1).Fill(rank);
    collective.Gather(gathered, lengths);
    byte[] bytes = [(byte)rank, (byte)rank];
    collective.Broadcast(bytes, collective.Size - 1);
    string caught = "nothing";
    try
    {
        _ = NoText()!.Length;
    }
    catch (NullReferenceException)
    {
        caught = "a null reference"; // for which .NET needs SIGSEGV
    }
    Say(
        $"caught {caught}, sums {string.Join(' ', floats)} and {string.Join(' ', doubles)}, gathered {string.Join(' ', gathered)}, "
            + $"broadcast {string.Join(' ', bytes)}, {collective.Statistics.Calls} calls of {collective.Statistics.Bytes} bytes"
    );
    return 0;
}

internal sealed class Row
{
    public float[] Embedding { get; set; } = [];
}

internal sealed class Calling(Action<int> call) : IProgress<SsnaTrainingProgress>
{
    public void Report(SsnaTrainingProgress value) => call(value.Epoch);
}
