namespace Ssna.MLNet.Hosting;

public sealed partial class SsnaRecommender
{
    /// <summary>Loads the file when it has changed and has stayed the same from one look to the next.</summary>
    private async Task WatchAsync()
    {
        using var looks = new PeriodicTimer(_options.ReloadInterval, _time);
        FileStamp? before = _attempted;
        while (await NextAsync(looks).ConfigureAwait(false))
        {
            FileStamp? now = FileStamp.Of(_options.Path);
            bool settled = now == before;
            before = now;
            if (!settled || now == _attempted)
            {
                continue;
            }
            if (now is null)
            {
                Fail(new FileNotFoundException($"'{_options.Path}' is gone.", _options.Path));
                continue;
            }
            try
            {
                await ReloadAsync(_stop.Token).ConfigureAwait(false);
            }
            catch (Exception)
            {
                // In the log and in Status; the next look comes.
            }
        }
    }

    private async ValueTask<bool> NextAsync(PeriodicTimer looks)
    {
        try
        {
            return await looks.WaitForNextTickAsync(_stop.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }
}
