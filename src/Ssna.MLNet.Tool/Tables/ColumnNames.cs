namespace Ssna.MLNet.Tool.Tables;

/// <summary>Which column of a file is meant: the one that was named, or the one whose name is usual for what is looked for.</summary>
internal static class ColumnNames
{
    // Compared in lower case, by letters and digits alone: user_id, userId and "User ID" are one. What stands first is taken first.
    private static readonly string[] s_users =
    [
        "user",
        "userid",
        "customer",
        "customerid",
        "visitor",
        "visitorid",
        "account",
        "accountid",
        "member",
        "memberid",
        "client",
        "clientid",
        "reviewerid",
        "uid",
        "session",
        "sessionid",
    ];

    private static readonly string[] s_items =
    [
        "item",
        "itemid",
        "product",
        "productid",
        "sku",
        "article",
        "articleid",
        "parentasin",
        "asin",
        "movieid",
        "bookid",
        "trackid",
        "videoid",
        "newsid",
        "isbn",
        "ean",
        "gtin",
    ];

    private static readonly string[] s_times =
    [
        "time",
        "timestamp",
        "datetime",
        "date",
        "eventtime",
        "createdat",
        "orderdate",
        "purchasedate",
        "unixreviewtime",
        "unixtime",
        "ts",
    ];

    private static readonly string[] s_titles =
    [
        "title",
        "name",
        "itemname",
        "itemtitle",
        "productname",
        "producttitle",
        "articlename",
        "articletitle",
    ];

    private static readonly string[][] s_textParts =
    [
        s_titles,
        ["brand", "brandname", "manufacturer", "maker", "author"],
        ["category", "categories", "categoryname", "genre", "genres", "department", "producttype"],
        ["description", "productdescription", "itemdescription"],
    ];

    /// <summary>The column of the user of an interaction.</summary>
    public static int User(TableFile table, string? named) => Find(table, named, "--user-column", "user", s_users);

    /// <summary>The column of the item of an interaction.</summary>
    public static int Item(TableFile table, string? named) => Find(table, named, "--item-column", "item", s_items);

    /// <summary>The column of the time of an interaction.</summary>
    public static int Time(TableFile table, string? named) =>
        Find(
            table,
            named,
            "--time-column",
            "time",
            s_times,
            " If its rows are in the order of time, --in-order says so."
        );

    /// <summary>The column of the id in a table of items.</summary>
    public static int Id(TableFile table, string? named) =>
        Find(table, named, "--id-column", "item's id", [.. s_items, "id"]);

    /// <summary>
    /// The columns of an item's text: those that were named, else one called text, else what there is of title, brand, category and
    /// description, in this order.
    /// </summary>
    public static int[] Text(TableFile table, IReadOnlyList<string> named)
    {
        if (named.Count > 0)
        {
            return [.. named.Select(name => Named(table, name, "--text-columns"))];
        }
        if (Usual(table, ["text", "itemtext"]) is { } text)
        {
            return [text];
        }
        int[] parts = [.. s_textParts.Select(names => Usual(table, names)).OfType<int>()];
        return parts.Length > 0 ? parts : throw NotFound(table, "item's text", ["text", .. s_titles], "--text-columns");
    }

    private static int Find(
        TableFile table,
        string? named,
        string option,
        string what,
        string[] usual,
        string hint = ""
    ) =>
        named is not null
            ? Named(table, named, option)
            : Usual(table, usual) ?? throw NotFound(table, what, usual, option, hint);

    private static int Named(TableFile table, string name, string option)
    {
        int[] exact = [.. Places(table, column => column == name)];
        int[] found =
            exact.Length > 0
                ? exact
                : [.. Places(table, column => column.Equals(name, StringComparison.OrdinalIgnoreCase))];
        return found.Length == 1
            ? found[0]
            : throw new InvalidDataException(
                $"'{table.Path}': {option} asks for a column '{name}', found {(found.Length == 0 ? "none among" : "several among")} {List(table)}."
            );
    }

    private static int? Usual(TableFile table, string[] names)
    {
        foreach (string name in names)
        {
            int[] found = [.. Places(table, column => Plain(column) == name)];
            if (found.Length > 0)
            {
                return found[0];
            }
        }
        return null;
    }

    private static IEnumerable<int> Places(TableFile table, Func<string, bool> isMeant) =>
        Enumerable.Range(0, table.Columns.Count).Where(place => isMeant(table.Columns[place]));

    private static string Plain(string name) => string.Concat(name.Where(char.IsLetterOrDigit)).ToLowerInvariant();

    private static InvalidDataException NotFound(
        TableFile table,
        string what,
        string[] usual,
        string option,
        string hint = ""
    ) =>
        new(
            $"'{table.Path}': expected a column with the {what}, called {string.Join(", ", usual.Take(4))} or the like, found "
                + $"{List(table)}; {option} names another.{hint}"
        );

    private static string List(TableFile table) => string.Join(", ", table.Columns.Select(column => $"'{column}'"));
}
