using System.Text.Json;
using Ssna.MLNet.Checkpoints;

namespace Ssna.MLNet.Encoders;

/// <summary>What sentence-transformers writes beside an encoder.</summary>
internal static class SentenceSettings
{
    public const string FileName = "sentence_bert_config.json";

    /// <summary>The limit that sentence embeddings are made with, or null where the folder names none.</summary>
    /// <exception cref="InvalidDataException">The file is damaged.</exception>
    public static int? MaximumTokens(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            return null;
        }
        using JsonDocument json = JsonText.Parse(FolderFile.Read(path, FolderFile.SettingsLimit), $"'{path}'");
        int limit = new JsonFields(json.RootElement, path).Count("max_seq_length", absent: int.MaxValue);
        return limit == int.MaxValue ? null : limit;
    }
}
