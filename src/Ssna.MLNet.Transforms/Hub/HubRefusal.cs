using System.Net;

namespace Ssna.MLNet.Hub;

/// <summary>An answer of the hub that is none of what was asked for.</summary>
internal sealed class HubRefusal : HttpRequestException
{
    private HubRefusal(string message, HttpStatusCode status, string? code)
        : base(message, inner: null, status) => Code = code;

    /// <summary>The hub's own word for it, such as RevisionNotFound, or null.</summary>
    public string? Code { get; }

    /// <summary>How long the hub wants to be left alone, or null.</summary>
    public TimeSpan? RetryAfter { get; private init; }

    /// <summary>Reads a refusal.</summary>
    /// <param name="answer">The answer.</param>
    /// <param name="uri">What was asked for.</param>
    /// <param name="what">What that is, for messages.</param>
    /// <param name="hasToken">Whether a token was shown.</param>
    public static HubRefusal Of(HttpResponseMessage answer, Uri uri, string what, bool hasToken)
    {
        string? code = HeaderOf(answer, "X-Error-Code");
        string? word = HeaderOf(answer, "X-Error-Message");
        string token = hasToken ? "with the token that was sent" : "without a token (HF_TOKEN, or option Token)";
        string reason = (code, answer.StatusCode) switch
        {
            ("GatedRepo", _) => $"its terms have to be accepted on its page first; {token} it is closed",
            ("RevisionNotFound", _) => "it has no such revision",
            ("EntryNotFound", _) => "it has no such file",
            ("RepoNotFound", _) or (_, HttpStatusCode.NotFound) =>
                $"there is none of that id, or it is private, and {token} it is not shown",
            // The hub does not tell strangers what there is.
            (_, HttpStatusCode.Unauthorized) => $"there is none of that id, or it is private, and not shown {token}",
            (_, HttpStatusCode.Forbidden) => $"it is closed {token}",
            _ => "that is no answer to work with",
        };
        return new(
            $"{what}: {reason} ('{uri}' answers {(int)answer.StatusCode}{(word is null ? "" : $", {word}")}).",
            answer.StatusCode,
            code
        )
        {
            RetryAfter = answer.Headers.RetryAfter?.Delta,
        };
    }

    /// <summary>The kind of exception that says the same to who gave the model's name.</summary>
    public Exception ForCaller(string hint) =>
        StatusCode switch
        {
            _ when Code == "RepoNotFound" => new FileNotFoundException(Message + hint, this),
            HttpStatusCode.NotFound => new FileNotFoundException(Message + hint, this),
            HttpStatusCode.Unauthorized or HttpStatusCode.Forbidden => new UnauthorizedAccessException(
                Message + hint,
                this
            ),
            _ => new HttpRequestException(Message + hint, this, StatusCode),
        };

    private static string? HeaderOf(HttpResponseMessage answer, string name) =>
        answer.Headers.TryGetValues(name, out IEnumerable<string>? values) ? values.First() : null;
}
