using System.Text.Json;
using Ssna.MLNet.Encoders;

namespace Ssna.MLNet.Adaptation;

/// <summary>Which fields of an <c>adapter_config.json</c> may say what: what is not computed here is refused by name.</summary>
/// <remarks>
/// A field that is not known here has to be neutral too (absent, null, false or empty): PEFT gets new ones with every release, and
/// most of those that say something change what the matrices mean.
/// </remarks>
internal static class PeftFields
{
    /// <summary>Read here, or of no consequence for matrices that are trained already.</summary>
    private static readonly HashSet<string> s_free = new(StringComparer.Ordinal)
    {
        "peft_type",
        "peft_version",
        "auto_mapping",
        "base_model_name_or_path",
        "revision",
        "task_type",
        "inference_mode",
        "r",
        "init_r",
        "target_r",
        "tinit",
        "tfinal",
        "deltaT",
        "beta1",
        "beta2",
        "orth_reg_weight",
        "total_step",
        "lora_alpha",
        "lora_dropout",
        "target_modules",
        "rank_pattern",
        "bias",
        "init_lora_weights",
        "loftq_config",
        "eva_config",
        "corda_config",
        "lora_ga_config",
        "runtime_config",
        "megatron_core",
        "qalora_group_size",
    };

    /// <summary>Starts of the matrices that leave the base model's own weights as they are; others change these.</summary>
    private static readonly string[] s_starts = ["gaussian", "eva", "orthogonal"];

    /// <exception cref="InvalidDataException">A field asks for what is not computed here; the message names it.</exception>
    public static void Check(JsonElement root, JsonFields fields)
    {
        foreach (JsonProperty field in root.EnumerateObject())
        {
            if (!s_free.Contains(field.Name))
            {
                fields.RequireNeutral(field.Name);
            }
        }
        if (fields.Text("bias") is not (null or "none"))
        {
            throw fields.Unexpected("bias", "'none'");
        }
        if (
            root.TryGetProperty("init_lora_weights", out JsonElement start)
            && start.ValueKind == JsonValueKind.String
            && !s_starts.Contains(start.GetString())
        )
        {
            throw fields.Unexpected(
                "init_lora_weights",
                $"true, false or one of {string.Join(", ", s_starts)}, as others change the base model's weights"
            );
        }
    }
}
