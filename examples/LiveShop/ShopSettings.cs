namespace LiveShop;

/// <summary>What is sold, by which model, and how much a visitor may ask: <c>--data DIR</c> and so on.</summary>
internal sealed class ShopSettings
{
    /// <summary>A folder with <c>items.tsv</c> (item, text), and <c>interactions.tsv</c> (user, item, time) to train on: the sample.</summary>
    public string Data { get; init; } = Path.Combine(AppContext.BaseDirectory, "sample");

    /// <summary>The folder of the encoder that a model is trained with: the sample's, which knows its words alone.</summary>
    public string Encoder { get; init; } = Path.Combine(AppContext.BaseDirectory, "encoder");

    /// <summary>The model's .zip. Where it is missing, one is trained and kept there.</summary>
    public string Model { get; init; } = Path.Combine("artifacts", "liveshop", "model.zip");

    /// <summary>Bytes of a request's body.</summary>
    public int MaximumBodySize { get; init; } = 16 * 1024;

    /// <summary>Items of a history.</summary>
    public int MaximumHistory { get; init; } = 200;

    /// <summary>Recommendations at once.</summary>
    public int MaximumRecommendations { get; init; } = 50;

    /// <summary>Items of a page of the shelves.</summary>
    public int MaximumPage { get; init; } = 60;

    /// <summary>Characters of a new item's text, and of a search.</summary>
    public int MaximumText { get; init; } = 300;

    /// <summary>New items a minute, of all visitors together.</summary>
    public int NewItemsPerMinute { get; init; } = 20;

    /// <summary>New items in all.</summary>
    public int MaximumNewItems { get; init; } = 200;

    /// <summary>Whether it is the sample that is sold, for which a small model is enough.</summary>
    public bool IsSample => Data == new ShopSettings().Data;

    /// <summary>From the command line alone: names as plain as these are in many an environment for something else.</summary>
    public static ShopSettings Read(string[] args) =>
        new ConfigurationBuilder().AddCommandLine(args).Build().Get<ShopSettings>() ?? new ShopSettings();
}
