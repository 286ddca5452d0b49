using Microsoft.ML;

namespace DataFolders;

/// <summary>How the data of a folder are laid out: two files, and how each is read.</summary>
internal abstract class DataLayout
{
    /// <summary>The name of the file with the interactions.</summary>
    public abstract string InteractionsFile { get; }

    /// <summary>The name of the file with the items.</summary>
    public abstract string ItemsFile { get; }

    /// <summary>One row an interaction: User, Item and Time.</summary>
    public abstract IDataView ReadInteractions(MLContext mlContext, string path);

    /// <summary>One row an item: Item and Text.</summary>
    public abstract IDataView ReadItems(MLContext mlContext, string path);
}
