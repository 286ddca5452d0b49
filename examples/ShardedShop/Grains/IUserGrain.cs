namespace ShardedShop.Grains;

/// <summary>What computes users' embeddings, on any silo. Its key: the version's name.</summary>
internal interface IUserGrain : IGrainWithStringKey
{
    /// <summary>Returns once the model is in this silo's memory.</summary>
    [ResponseTimeout("00:10:00")]
    Task LoadAsync();

    /// <summary>Embeddings of users.</summary>
    /// <param name="histories">For each user the items of the history as the model reads them, oldest first.</param>
    Task<float[][]> EmbedAsync(float[][][] histories);
}
