using System.Text.Json;
using Ssna.MLNet.Checkpoints;
using Ssna.MLNet.Encoders;

namespace Ssna.MLNet.Adaptation;

/// <summary>The <c>adapter_config.json</c> of Hugging Face's PEFT, as far as it describes LoRA and AdaLoRA.</summary>
/// <param name="IsAdaLoRA">Whether it is AdaLoRA; LoRA otherwise.</param>
/// <param name="Rank">r; with AdaLoRA, at the start.</param>
/// <param name="Alpha">The numerator of the deltas' scale.</param>
/// <param name="RankPattern">
/// AdaLoRA: which singular values of each matrix are in the file, by the matrix's name; empty where all are.
/// </param>
/// <param name="Targets">The modules that it is beside, or null where it does not say.</param>
/// <param name="BaseModel">The name or path of the model that it was trained on, or null where it does not say.</param>
internal sealed record PeftConfiguration(
    bool IsAdaLoRA,
    int Rank,
    float Alpha,
    IReadOnlyDictionary<string, bool[]> RankPattern,
    PeftTargets? Targets,
    string? BaseModel
)
{
    public const string FileName = "adapter_config.json";

    /// <summary>Reads the configuration of a folder.</summary>
    /// <exception cref="FileNotFoundException">There is none.</exception>
    /// <exception cref="InvalidDataException">It is damaged, or of a kind that is not computed here.</exception>
    public static PeftConfiguration Load(string folder)
    {
        string path = Path.Combine(folder, FileName);
        if (!File.Exists(path))
        {
            throw new FileNotFoundException($"Adapter folder '{folder}' holds no '{FileName}'.", path);
        }
        using JsonDocument json = JsonText.Parse(FolderFile.Read(path, FolderFile.SettingsLimit), $"'{path}'");
        return Read(json.RootElement, path);
    }

    /// <summary>Refuses an adapter of another kind, rank or alpha.</summary>
    /// <exception cref="InvalidDataException">It is of another.</exception>
    public void Check(string folder, bool adaptive, int rank, float alpha)
    {
        if (IsAdaLoRA != adaptive || Rank != rank || Alpha != alpha)
        {
            throw new InvalidDataException(
                FormattableString.Invariant(
                    $"Adapter folder '{folder}': expected {Describe(adaptive, rank, alpha)}, found {Describe(IsAdaLoRA, Rank, Alpha)}."
                )
            );
        }

        static string Describe(bool adaptive, int rank, float alpha) =>
            FormattableString.Invariant($"{(adaptive ? "AdaLoRA" : "LoRA")} of rank {rank} and alpha {alpha}");
    }

    /// <summary>The configuration of an encoder's deltas.</summary>
    public static byte[] Of(LowRankEncoder encoder)
    {
        using var buffer = new MemoryStream();
        using (var json = new Utf8JsonWriter(buffer, new JsonWriterOptions { Indented = true }))
        {
            LowRankEncoderShape shape = encoder.Shape;
            json.WriteStartObject();
            if (shape is AdaLoRAEncoderShape adaptive)
            {
                RankSchedule schedule = adaptive.Schedule;
                json.WriteString("peft_type", "ADALORA");
                json.WriteNumber("init_r", shape.Rank);
                json.WriteNumber("target_r", schedule.TargetRank);
                json.WriteNumber("tinit", schedule.WarmUpSteps);
                json.WriteNumber("tfinal", schedule.FinalSteps);
                json.WriteNumber("total_step", schedule.TotalSteps);
                json.WriteNumber("deltaT", schedule.Interval);
                json.WriteNumber("beta1", schedule.SensitivityDecay);
                json.WriteNumber("beta2", schedule.UncertaintyDecay);
                json.WriteNumber("orth_reg_weight", adaptive.OrthogonalityWeight);
            }
            else
            {
                json.WriteString("peft_type", "LORA");
                json.WriteNumber("r", shape.Rank);
            }
            json.WriteNumber("lora_alpha", shape.Alpha);
            json.WriteNumber("lora_dropout", shape.Dropout);
            json.WriteString("bias", "none");
            json.WriteBoolean("inference_mode", true);
            // Whole names: the end of one, which PEFT takes too, would mean several maps where families share it.
            json.WriteStartArray("target_modules");
            foreach (LowRankDelta delta in encoder.Deltas)
            {
                json.WriteStringValue(delta.Projection.Module);
            }
            json.WriteEndArray();
            json.WriteEndObject();
        }
        return buffer.ToArray();
    }

    private static PeftConfiguration Read(JsonElement root, string path)
    {
        var fields = new JsonFields(root, path);
        bool adaptive = fields.Text("peft_type") switch
        {
            "LORA" => false,
            "ADALORA" => true,
            _ => throw fields.Unexpected("peft_type", "'LORA' or 'ADALORA'"),
        };
        PeftFields.Check(root, fields);
        var pattern = new Dictionary<string, bool[]>(StringComparer.Ordinal);
        if (root.TryGetProperty("rank_pattern", out JsonElement ranks) && !JsonFields.IsNeutral(ranks))
        {
            if (!adaptive || ranks.ValueKind != JsonValueKind.Object)
            {
                throw fields.Unexpected("rank_pattern", adaptive ? "an object" : "empty");
            }
            foreach (JsonProperty matrix in ranks.EnumerateObject())
            {
                bool flags =
                    matrix.Value.ValueKind == JsonValueKind.Array
                    && matrix
                        .Value.EnumerateArray()
                        .All(kept => kept.ValueKind is JsonValueKind.True or JsonValueKind.False);
                pattern[matrix.Name] = flags
                    ? [.. matrix.Value.EnumerateArray().Select(kept => kept.GetBoolean())]
                    : throw fields.Unexpected("rank_pattern", "lists of true and false");
            }
        }
        return new(
            adaptive,
            adaptive ? fields.Count("init_r", absent: 12) : fields.Count("r", absent: 8),
            (float)fields.Positive("lora_alpha", absent: 8),
            pattern,
            PeftTargets.Read(root, fields),
            fields.Text("base_model_name_or_path")
        );
    }
}
