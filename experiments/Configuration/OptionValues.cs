using System.Reflection;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Experiments.Configuration;

/// <summary>
/// Reads and sets the settings of an options object by name: numbers, switches, choices, times, lists of names; and objects of
/// several kinds, such as a loss, by the name of the kind, with their own settings behind a dot (<c>Loss.Temperature</c>).
/// </summary>
internal static class OptionValues
{
    private static readonly JsonSerializerOptions s_json = new(JsonFiles.Options) { PropertyNamingPolicy = null };

    /// <summary>All settings with their values, in order of their names.</summary>
    /// <param name="options">The object.</param>
    /// <param name="except">Settings that are not a configuration's.</param>
    public static JsonObject Read(object options, params string[] except)
    {
        var values = new JsonObject();
        foreach (MemberInfo member in Members(options, except))
        {
            if (IsKind(TypeOf(member)))
            {
                object kind = Value(member, options)!;
                values[member.Name] = kind.GetType().Name;
                foreach ((string name, JsonNode? value) in Read(kind))
                {
                    values[$"{member.Name}.{name}"] = value?.DeepClone();
                }
                continue;
            }
            values[member.Name] = JsonSerializer.SerializeToNode(Value(member, options), TypeOf(member), s_json);
        }
        return values;
    }

    /// <summary>Sets what <paramref name="values"/> has.</summary>
    /// <param name="options">The object.</param>
    /// <param name="values">Settings by name.</param>
    /// <param name="where">Whose they are, for messages.</param>
    /// <param name="except">Settings that are not a configuration's.</param>
    /// <exception cref="InvalidDataException">A name is not known, or a value is of another type.</exception>
    public static void Apply(object options, JsonObject values, string where, params string[] except)
    {
        MemberInfo[] members = Members(options, except);
        // A kind comes before its settings.
        foreach (
            (string path, JsonNode? node) in values.OrderBy(value => value.Key.Contains('.', StringComparison.Ordinal))
        )
        {
            string name = path.Split('.', 2)[0];
            MemberInfo member =
                Array.Find(members, member => member.Name == name)
                ?? throw new InvalidDataException(
                    $"{where}: there is no option '{name}'"
                        + (
                            members.Length == 0
                                ? "."
                                : $"; expected one of {string.Join(", ", members.Select(m => m.Name))}."
                        )
                );
            if (IsKind(TypeOf(member)))
            {
                ApplyKind(member, options, path, node, where);
                continue;
            }
            object? value;
            try
            {
                value = node.Deserialize(TypeOf(member), s_json);
            }
            catch (JsonException error)
            {
                throw new InvalidDataException(
                    $"{where}: option '{name}': expected {Describe(TypeOf(member))}, found {node?.ToJsonString() ?? "null"}.",
                    error
                );
            }
            try
            {
                Set(member, options, value);
            }
            catch (TargetInvocationException error) when (error.InnerException is ArgumentException inner)
            {
                throw new InvalidDataException($"{where}: option '{name}': {inner.Message}", inner);
            }
        }
    }

    private static void ApplyKind(MemberInfo member, object options, string path, JsonNode? node, string where)
    {
        if (path != member.Name)
        {
            var setting = new JsonObject { [path[(member.Name.Length + 1)..]] = node?.DeepClone() };
            Apply(Value(member, options)!, setting, $"{where}: {member.Name}");
            return;
        }
        Type[] kinds = Kinds(TypeOf(member));
        string? wanted = node is JsonValue text && text.TryGetValue(out string? found) ? found : null;
        Type kind =
            Array.Find(kinds, kind => kind.Name == wanted)
            ?? throw new InvalidDataException(
                $"{where}: option '{path}': expected one of {string.Join(", ", kinds.Select(kind => kind.Name))}, found "
                    + $"{node?.ToJsonString() ?? "null"}."
            );
        if (Value(member, options)?.GetType() != kind)
        {
            Set(member, options, Activator.CreateInstance(kind));
        }
    }

    // The kinds of an option are nested in its type.
    private static bool IsKind(Type type) => type.IsAbstract && Kinds(type).Length > 0;

    private static Type[] Kinds(Type type) =>
        [
            .. type.GetNestedTypes()
                .Where(kind => !kind.IsAbstract && kind.IsAssignableTo(type))
                .OrderBy(kind => kind.Name, StringComparer.Ordinal),
        ];

    private static MemberInfo[] Members(object options, string[] except) =>
        [
            .. options
                .GetType()
                .GetMembers(BindingFlags.Public | BindingFlags.Instance)
                .Where(member => member is FieldInfo { IsInitOnly: false } or PropertyInfo { CanWrite: true })
                .Where(member => (IsPlain(TypeOf(member)) || IsKind(TypeOf(member))) && !except.Contains(member.Name))
                .OrderBy(member => member.Name, StringComparer.Ordinal),
        ];

    private static bool IsPlain(Type type)
    {
        type = Nullable.GetUnderlyingType(type) ?? type;
        return type.IsPrimitive
            || type.IsEnum
            || type == typeof(TimeSpan)
            || typeof(IEnumerable<string>).IsAssignableFrom(type);
    }

    private static string Describe(Type type)
    {
        Type plain = Nullable.GetUnderlyingType(type) ?? type;
        string name =
            plain.IsEnum ? "one of " + string.Join(", ", Enum.GetNames(plain))
            : plain == typeof(bool) ? "true or false"
            : plain == typeof(int) || plain == typeof(long) ? "a whole number"
            : plain.IsPrimitive ? "a number"
            : plain == typeof(TimeSpan) ? "a time such as \"00:10:00\""
            : "a list of names";
        return plain == type ? name : name + " or null";
    }

    private static Type TypeOf(MemberInfo member) =>
        member is FieldInfo field ? field.FieldType : ((PropertyInfo)member).PropertyType;

    private static object? Value(MemberInfo member, object target) =>
        member is FieldInfo field ? field.GetValue(target) : ((PropertyInfo)member).GetValue(target);

    private static void Set(MemberInfo member, object target, object? value)
    {
        if (member is FieldInfo field)
        {
            field.SetValue(target, value);
        }
        else
        {
            ((PropertyInfo)member).SetValue(target, value);
        }
    }
}
