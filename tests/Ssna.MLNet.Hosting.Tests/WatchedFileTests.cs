using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Time.Testing;
using Ssna.MLNet.Tests;

namespace Ssna.MLNet.Hosting.Tests;

/// <summary>The file is looked at by a clock that the test moves.</summary>
[TestClass]
public sealed class WatchedFileTests : IDisposable
{
    private static readonly TimeSpan s_longest = TimeSpan.FromSeconds(60);

    private readonly ModelFiles _files = new();
    private readonly CollectedLog _log = new();
    private readonly FakeTimeProvider _clock = new();
    private readonly SsnaRecommender _recommender;

    public WatchedFileTests() => _recommender = SsnaRecommender.Load(new() { Path = _files.Path }, _log, _clock);

    public void Dispose()
    {
        _recommender.Dispose();
        _log.Dispose();
        _files.Dispose();
    }

    [TestMethod]
    public async Task Another_file_serves_by_itself()
    {
        _files.Replace(ModelFiles.Smaller);
        await LookUntil(() => _recommender.Status.ItemCount == RingShop.ItemCount - 1);
    }

    [TestMethod]
    public async Task A_file_that_is_written_bit_by_bit_serves_once_it_is_whole()
    {
        byte[] next = ModelFiles.Smaller;
        File.WriteAllBytes(_files.Path, next[..1000]);
        await LookUntil(() => _recommender.Status.Failure is FormatException);
        Assert.HasCount(5, await _recommender.RecommendAsync(["item04"]));
        using (FileStream rest = File.Open(_files.Path, FileMode.Append))
        {
            rest.Write(next.AsSpan(1000));
        }
        await LookUntil(() => _recommender.Status.ItemCount == RingShop.ItemCount - 1);
        Assert.IsNull(_recommender.Status.Failure);
    }

    [TestMethod]
    public async Task A_damaged_file_is_loaded_once_and_the_next_one_serves()
    {
        _files.Replace([1, 2, 3]);
        await LookUntil(() => _recommender.Status.Failure is not null);
        Exception? failure = _recommender.Status.Failure;
        await Look(5);
        Assert.AreSame(failure, _recommender.Status.Failure);
        Assert.AreEqual(1, _log.Count(LogLevel.Error));
        _files.Replace(ModelFiles.Smaller);
        await LookUntil(() => _recommender.Status.ItemCount == RingShop.ItemCount - 1);
    }

    [TestMethod]
    public async Task A_file_that_is_gone_leaves_the_model_and_one_that_comes_back_serves()
    {
        File.Delete(_files.Path);
        await LookUntil(() => _recommender.Status.Failure is FileNotFoundException);
        Assert.HasCount(5, await _recommender.RecommendAsync(["item04"]));
        _files.Replace(ModelFiles.Whole);
        await LookUntil(() => _recommender.Status.Failure is null);
    }

    [TestMethod]
    [OSCondition(ConditionMode.Exclude, OperatingSystems.Windows)] // where links are for administrators
    public async Task A_link_that_leads_elsewhere_is_another_file()
    {
        string target = _files.Path + ".first";
        File.Move(_files.Path, target);
        File.CreateSymbolicLink(_files.Path, target);
        await LookUntil(() => _recommender.Status.Failure is null);
        await Look(3);
        // As Kubernetes mounts files: what is read changes, the name does not.
        File.WriteAllBytes(_files.Path + ".second", ModelFiles.Smaller);
        File.CreateSymbolicLink(_files.Path + ".link", _files.Path + ".second");
        File.Move(_files.Path + ".link", _files.Path, overwrite: true);
        await LookUntil(() => _recommender.Status.ItemCount == RingShop.ItemCount - 1);
    }

    // What a look leads to takes its time on another thread.
    private async Task LookUntil(Func<bool> isSo)
    {
        using var longest = new CancellationTokenSource(s_longest);
        while (!isSo())
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10, longest.Token);
        }
    }

    private async Task Look(int times)
    {
        for (int i = 0; i < times; i++)
        {
            _clock.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(20);
        }
    }
}
