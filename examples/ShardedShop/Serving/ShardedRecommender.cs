using System.Diagnostics;
using Microsoft.ML.Trainers.Recommender;
using ShardedShop.Grains;
using ShardedShop.Models;

namespace ShardedShop.Serving;

/// <summary>
/// Recommends from a catalogue that no silo has whole. The shards say what the model reads of a history's items, this silo computes
/// the user's embedding of that, every shard gives its own best, and the lists are merged.
/// </summary>
internal sealed class ShardedRecommender
{
    /// <summary>
    /// How long a request is asked again while a silo does not answer: longer than the cluster takes to see that one is dead, and
    /// another to load its shards.
    /// </summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);

    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(250);

    private readonly IGrainFactory _grains;
    private readonly CurrentVersion _current;
    private readonly ShopMetrics _metrics;
    private readonly Batches<Question, Answer> _batches;

    public ShardedRecommender(IGrainFactory grains, CurrentVersion current, ShopMetrics metrics)
    {
        (_grains, _current, _metrics) = (grains, current, metrics);
        _batches = new(AnswerAsync);
    }

    /// <param name="History">What the user took, the oldest first.</param>
    /// <param name="K">How many recommendations.</param>
    /// <param name="ExcludeHistory">Whether none of them is in the history.</param>
    public sealed record Question(string[] History, int K, bool ExcludeHistory);

    /// <param name="Items">The best first.</param>
    /// <param name="Version">The version of the model that said so.</param>
    public sealed record Answer(IReadOnlyList<ScoredItem<string>> Items, string Version);

    /// <summary>The best items for a user.</summary>
    /// <exception cref="UnavailableException">Part of the catalogue was not to be had for longer than a request waits.</exception>
    public async Task<Answer> RecommendAsync(Question question, CancellationToken cancellation)
    {
        long start = Stopwatch.GetTimestamp();
        try
        {
            Answer answer = await _batches.AskAsync(question).WaitAsync(cancellation);
            _metrics.Took(start, error: null);
            return answer;
        }
        catch (Exception error)
        {
            _metrics.Took(start, error);
            throw;
        }
    }

    private async Task<Answer[]> AnswerAsync(Question[] questions)
    {
        long start = Stopwatch.GetTimestamp();
        while (true)
        {
            ModelVersion version = _current.Value ?? throw new UnavailableException("The silo has just been started.");
            try
            {
                return await AnswerAsync(version, questions);
            }
            // The silo that was asked is gone, or has yet to be seen to be; what is wrong with a shard itself is no OrleansException.
            catch (Exception error) when (error is OrleansException or TimeoutException)
            {
                if (Stopwatch.GetElapsedTime(start) > Patience)
                {
                    throw new UnavailableException("A part of the catalogue is not to be had at the moment.", error);
                }
                _metrics.Retried();
                await Task.Delay(s_pause);
            }
        }
    }

    private async Task<Answer[]> AnswerAsync(ModelVersion version, Question[] questions)
    {
        IShardGrain[] shards = _grains.GetShards(version);
        Dictionary<string, float[]> known = await FindAsync(
            shards,
            [.. questions.SelectMany(question => question.History).Distinct()]
        );
        string[][] histories = Array.ConvertAll(
            questions,
            question => Array.FindAll(question.History, known.ContainsKey)
        );
        float[][] users = await _grains
            .GetGrain<IUserGrain>(version.Name)
            .EmbedAsync(Array.ConvertAll(histories, history => Array.ConvertAll(history, item => known[item])));
        ShardQuery<string>[] queries =
        [
            .. questions.Select(
                (question, i) => new ShardQuery<string>(users[i], histories[i], question.K, question.ExcludeHistory)
            ),
        ];
        ScoredItem<string>[][][] lists = await Task.WhenAll(shards.Select(shard => shard.RankAsync(queries)));
        return
        [
            .. questions.Select(
                (question, i) => new Answer(ScoredItem.Merge(lists.Select(shard => shard[i]), question.K), version.Name)
            ),
        ];
    }

    /// <summary>What the model reads of items, of those that some shard has.</summary>
    private static async Task<Dictionary<string, float[]>> FindAsync(IShardGrain[] shards, string[] items)
    {
        var known = new Dictionary<string, float[]>();
        if (items.Length == 0)
        {
            return known;
        }
        foreach (float[]?[] found in await Task.WhenAll(shards.Select(shard => shard.FindAsync(items))))
        {
            for (int i = 0; i < items.Length; i++)
            {
                if (found[i] is { } embedding)
                {
                    known[items[i]] = embedding;
                }
            }
        }
        return known;
    }
}
