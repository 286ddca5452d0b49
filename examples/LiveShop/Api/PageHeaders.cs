namespace LiveShop.Api;

/// <summary>What a browser is told not to do: the page has its own files alone, and shows no text as anything but text.</summary>
internal static class PageHeaders
{
    public static void Add(IHeaderDictionary headers)
    {
        headers.ContentSecurityPolicy =
            "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'";
        headers.CacheControl = "no-cache"; // a page of another version of the program is another page
        headers.XContentTypeOptions = "nosniff";
        headers["Referrer-Policy"] = "no-referrer";
    }
}
