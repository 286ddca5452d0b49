using System.Net;
using System.Net.Http.Headers;
using Ssna.MLNet.Checkpoints;

namespace Ssna.MLNet.Hub;

/// <summary>
/// Asks the hub. A request has the token, where there is one, and no more than what is asked for; where the hub sends it on to
/// another host, it goes there without the token.
/// </summary>
internal sealed class HubClient
{
    // How often an answer is asked for; and how many times in a row nothing more of a content may come.
    private const int MostQuestions = 3;
    private const int MostFailures = 5;

    private const int MostRedirects = 10;

    private static readonly TimeSpan s_silence = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan s_longestDelay = TimeSpan.FromSeconds(30);

    // Redirects are followed here: their answers say where a content really lies, and the token is not for everybody.
    private static readonly HttpClient s_shared = new(
        new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseCookies = false,
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
            ConnectTimeout = TimeSpan.FromSeconds(10),
        }
    )
    {
        Timeout = Timeout.InfiniteTimeSpan,
    };

    private readonly HttpClient _http;
    private readonly Uri _endpoint;
    private readonly string? _token;
    private readonly TimeSpan _firstDelay;

    /// <param name="http">What sends requests; null for one that all share.</param>
    /// <param name="endpoint">The hub: nobody else is shown the token.</param>
    /// <param name="token">The token, or null.</param>
    /// <param name="firstDelay">What is waited after a first failure; after each further one twice as long.</param>
    public HubClient(HttpClient? http, Uri endpoint, string? token, TimeSpan firstDelay) =>
        (_http, _endpoint, _token, _firstDelay) = (http ?? s_shared, endpoint, token, firstDelay);

    /// <summary>A short answer, whole.</summary>
    /// <param name="uri">What is asked for.</param>
    /// <param name="what">What that is, for messages.</param>
    /// <param name="persistent">Whether to ask again where the hub is not reached.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="HttpRequestException">The hub was not reached, or refused.</exception>
    /// <exception cref="InvalidDataException">The answer is longer than any that makes sense.</exception>
    public async Task<byte[]> ReadAsync(Uri uri, string what, bool persistent, CancellationToken cancellation)
    {
        using var content = new MemoryStream();
        for (int failures = 1; ; failures++)
        {
            try
            {
                content.SetLength(0);
                using HttpResponseMessage answer = await SendAsync(uri, from: 0, what, cancellation)
                    .ConfigureAwait(false);
                await using Body body = await Body.OfAsync(answer, cancellation).ConfigureAwait(false);
                var buffer = new byte[1 << 16];
                while (await body.ReadAsync(buffer, cancellation).ConfigureAwait(false) is > 0 and var read)
                {
                    content.Write(buffer, 0, read);
                    if (content.Length > FolderFile.SettingsLimit)
                    {
                        throw new InvalidDataException(
                            $"'{uri}': expected at most {FolderFile.SettingsLimit:N0} bytes, found more."
                        );
                    }
                }
                return content.ToArray();
            }
            catch (HttpRequestException error) when (IsPassing(error) && persistent && failures < MostQuestions)
            {
                await DelayAsync(failures, error, cancellation).ConfigureAwait(false);
            }
        }
    }

    /// <summary>Appends what of a content is missing, however often the connection breaks, as long as some of it comes.</summary>
    /// <param name="uri">Where the content is.</param>
    /// <param name="what">What it is, for messages.</param>
    /// <param name="target">What of it is there already, and takes the rest.</param>
    /// <param name="size">The bytes of it all.</param>
    /// <param name="cancellation">Stops it.</param>
    /// <exception cref="HttpRequestException">The hub was not reached, or refused.</exception>
    /// <exception cref="InvalidDataException">More came than there should be.</exception>
    public async Task AppendAsync(Uri uri, string what, HubTarget target, long size, CancellationToken cancellation)
    {
        long most = target.Length;
        for (int failures = 0; target.Length < size; )
        {
            try
            {
                using HttpResponseMessage answer = await SendAsync(uri, target.Length, what, cancellation)
                    .ConfigureAwait(false);
                if (target.Length > 0 && !Continues(answer, target.Length))
                {
                    target.Clear(); // everything comes again, now or when it is asked for next
                    if (answer.StatusCode != HttpStatusCode.OK)
                    {
                        throw new HttpRequestException($"{what}: '{uri}' does not go on where it broke.");
                    }
                }
                await using Body body = await Body.OfAsync(answer, cancellation).ConfigureAwait(false);
                await CopyAsync(body, uri, what, target, size, cancellation).ConfigureAwait(false);
            }
            catch (HttpRequestException error) when (IsPassing(error))
            {
                // Whoever starts anew each time gets nowhere: what counts is more than there ever was.
                failures = target.Length > most ? 1 : failures + 1;
                most = Math.Max(most, target.Length);
                if (failures >= MostFailures)
                {
                    throw;
                }
                await DelayAsync(failures, error, cancellation).ConfigureAwait(false);
            }
        }
    }

    private static async Task CopyAsync(
        Body body,
        Uri uri,
        string what,
        HubTarget target,
        long size,
        CancellationToken cancellation
    )
    {
        var buffer = new byte[1 << 17];
        while (await body.ReadAsync(buffer, cancellation).ConfigureAwait(false) is > 0 and var read)
        {
            if (target.Length + read > size)
            {
                target.Clear();
                throw new InvalidDataException($"{what}, from '{uri}': expected {size:N0} bytes, found more.");
            }
            await target.AppendAsync(buffer.AsMemory(0, read), cancellation).ConfigureAwait(false);
        }
        if (target.Length < size)
        {
            throw new HttpRequestException(
                HttpRequestError.ResponseEnded,
                $"{what}, from '{uri}': expected {size:N0} bytes, found the end after {target.Length:N0}."
            );
        }
    }

    // 206 with the range that was asked for; whoever knows no ranges sends the whole again, as 200.
    private static bool Continues(HttpResponseMessage answer, long from) =>
        answer.StatusCode == HttpStatusCode.PartialContent && answer.Content.Headers.ContentRange?.From == from;

    private async Task<HttpResponseMessage> SendAsync(Uri uri, long from, string what, CancellationToken cancellation)
    {
        for (int redirects = 0; ; redirects++)
        {
            HttpResponseMessage answer = await SendOnceAsync(uri, from, cancellation).ConfigureAwait(false);
            // A range behind the end is an answer too: what is there already is no beginning of this content.
            if (
                answer.IsSuccessStatusCode
                || (from > 0 && answer.StatusCode == HttpStatusCode.RequestedRangeNotSatisfiable)
            )
            {
                return answer;
            }
            using (answer)
            {
                if (NextOf(uri, answer) is not { } next)
                {
                    throw HubRefusal.Of(answer, uri, what, hasToken: IsHub(uri) && _token is not null);
                }
                if (redirects == MostRedirects)
                {
                    throw new HttpRequestException(
                        $"{what}: '{uri}' leads on and on, more than {MostRedirects} times."
                    );
                }
                uri = next;
            }
        }
    }

    private async Task<HttpResponseMessage> SendOnceAsync(Uri uri, long from, CancellationToken cancellation)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, uri);
        // Lengths and ranges are of the content as it is.
        request.Headers.AcceptEncoding.Add(new StringWithQualityHeaderValue("identity"));
        if (_http.DefaultRequestHeaders.UserAgent.Count == 0)
        {
            request.Headers.UserAgent.Add(new ProductInfoHeaderValue(new ProductHeaderValue("Ssna.MLNet")));
        }
        if (_token is not null && IsHub(uri))
        {
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", _token);
        }
        if (from > 0)
        {
            request.Headers.Range = new RangeHeaderValue(from, null);
        }
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        patience.CancelAfter(s_silence);
        try
        {
            return await _http
                .SendAsync(request, HttpCompletionOption.ResponseHeadersRead, patience.Token)
                .ConfigureAwait(false);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw NoAnswer(uri, error);
        }
    }

    private static Uri? NextOf(Uri uri, HttpResponseMessage answer)
    {
        if (
            (int)answer.StatusCode is not (301 or 302 or 303 or 307 or 308)
            || answer.Headers.Location is not { } location
        )
        {
            return null;
        }
        var next = new Uri(uri, location);
        return next.Scheme == Uri.UriSchemeHttps || next.Scheme == uri.Scheme
            ? next
            : throw new HttpRequestException($"'{uri}' leads to '{next}', which is not encrypted: not followed.");
    }

    private bool IsHub(Uri uri) => uri.GetLeftPart(UriPartial.Authority) == _endpoint.GetLeftPart(UriPartial.Authority);

    // No connection, one that broke, and the answers that say "later".
    private static bool IsPassing(HttpRequestException error) =>
        error.StatusCode is null or HttpStatusCode.RequestTimeout or HttpStatusCode.TooManyRequests
        || (int?)error.StatusCode >= 500;

    private Task DelayAsync(int failures, HttpRequestException error, CancellationToken cancellation)
    {
        TimeSpan asked = (error as HubRefusal)?.RetryAfter ?? TimeSpan.Zero;
        TimeSpan doubled = _firstDelay * Math.Pow(2, failures - 1);
        TimeSpan delay = asked > doubled ? asked : doubled;
        return Task.Delay(delay < s_longestDelay ? delay : s_longestDelay, cancellation);
    }

    private static HttpRequestException NoAnswer(Uri uri, Exception cause) =>
        new(HttpRequestError.ConnectionError, $"'{uri}': nothing came for {s_silence.TotalSeconds:N0} seconds.", cause);

    /// <summary>An answer's content. That it breaks off is one kind of exception, however it comes.</summary>
    private sealed class Body(Stream stream, Uri? uri) : IAsyncDisposable
    {
        public static async Task<Body> OfAsync(HttpResponseMessage answer, CancellationToken cancellation) =>
            new(
                await answer.Content.ReadAsStreamAsync(cancellation).ConfigureAwait(false),
                answer.RequestMessage?.RequestUri
            );

        public async ValueTask<int> ReadAsync(byte[] buffer, CancellationToken cancellation)
        {
            using var patience = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            patience.CancelAfter(s_silence);
            try
            {
                return await stream.ReadAsync(buffer, patience.Token).ConfigureAwait(false);
            }
            catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
            {
                throw NoAnswer(uri!, error);
            }
            catch (IOException error)
            {
                throw new HttpRequestException(HttpRequestError.ResponseEnded, $"'{uri}': {error.Message}", error);
            }
        }

        public ValueTask DisposeAsync() => stream.DisposeAsync();
    }
}
