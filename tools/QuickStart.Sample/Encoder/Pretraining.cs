using System.Diagnostics;
using QuickStart.Sample.Shop;
using Ssna.MLNet.Encoders;
using Ssna.MLNet.Tokenization;
using TorchSharp;
using static TorchSharp.torch;

namespace QuickStart.Sample.Encoder;

/// <summary>Pre-trains an encoder as a masked language model.</summary>
internal static class Pretraining
{
    private const int Epochs = 150;
    private const int BatchSize = 50;
    private const double PeakLearningRate = 1e-3;
    private const double WarmUp = 0.05;

    /// <summary>Trains <paramref name="encoder"/> on <paramref name="texts"/>.</summary>
    /// <param name="encoder">Made with random weights.</param>
    /// <param name="texts">Token ids, special tokens included.</param>
    /// <param name="maskId">The id of [MASK].</param>
    /// <param name="seed">Decides what is hidden, and in which order texts come.</param>
    /// <param name="log">Told now and then how it goes.</param>
    /// <param name="cancellation">Stops within a batch.</param>
    public static void Run(
        TextEncoder encoder,
        int[][] texts,
        int maskId,
        ulong seed,
        Action<string> log,
        CancellationToken cancellation
    )
    {
        set_num_threads(1); // matrices this small gain nothing from more
        manual_seed((long)seed);
        var random = new SampleRandom(seed);
        using var head = new MaskedWordHead(encoder.Width, encoder.Configuration.VocabularySize);
        using var optimizer = optim.Adam([
            .. encoder.Parameters.Select(parameter => parameter.Value),
            .. head.parameters(),
        ]);
        var order = (int[][])texts.Clone();
        var steps = Epochs * ((texts.Length + BatchSize - 1) / BatchSize);
        var step = 0;
        var clock = Stopwatch.StartNew();
        for (var epoch = 1; epoch <= Epochs; epoch++)
        {
            random.Shuffle<int[]>(order);
            var (loss, right, hidden) = (0.0, 0L, 0);
            foreach (var batch in order.Chunk(BatchSize))
            {
                cancellation.ThrowIfCancellationRequested();
                var masking = Masking.Draw(batch, maskId, encoder.Configuration.VocabularySize, random);
                foreach (var group in optimizer.ParamGroups)
                {
                    group.LearningRate = PeakLearningRate * Schedule((double)step++ / steps);
                }

                var (batchLoss, batchRight) = Step(encoder, head, optimizer, masking);
                loss += batchLoss * masking.Targets.Count;
                right += batchRight;
                hidden += masking.Targets.Count;
            }

            if (epoch % 10 == 0)
            {
                log(
                    $"epoch {epoch, 3}: loss {loss / hidden:F3}, {(double)right / hidden:P1} guessed, {clock.Elapsed:m\\:ss}"
                );
            }
        }
    }

    private static (double Loss, long Right) Step(
        TextEncoder encoder,
        MaskedWordHead head,
        optim.Optimizer optimizer,
        Masking masking
    )
    {
        using var scope = NewDisposeScope();
        var (ids, lengths) = encoder.Pad(masking.Rows); // (B, T), (B)
        var states = encoder.HiddenStates(ids, lengths)[-1]; // (B, T, D)
        var rows = tensor(masking.Positions.Select(position => (long)position.Row).ToArray()); // (M)
        var places = tensor(masking.Positions.Select(position => (long)position.Place).ToArray()); // (M)
        var own = states.flatten(0, 1).index_select(0, rows * states.shape[1] + places); // (M, D)
        var cls = states.select(1, 0).index_select(0, rows); // (M, D)

        var words = encoder.Parameters[0].Value; // (V, D)
        var logits = head.forward(cat([own, cls], 1), words); // (M, V)
        var targets = tensor(masking.Targets); // (M)
        var loss = nn.functional.cross_entropy(logits, targets);

        optimizer.zero_grad();
        loss.backward();
        optimizer.step();
        return (loss.item<float>(), logits.argmax(1).eq(targets).sum().item<long>());
    }

    /// <summary>Up to 1 and down to 0 again, in straight lines.</summary>
    private static double Schedule(double done) => Math.Min(done / WarmUp, (1 - done) / (1 - WarmUp));
}
