using System.Collections.Immutable;
using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace Ssna.MLNet.Testing;

/// <summary>Which source file of an assembly uses which other, read from the compiled code, method bodies too.</summary>
/// <remarks>
/// Types and methods are placed by the source files that the portable PDB names. What the compiler folds away is not seen:
/// constants, <c>nameof</c>, documentation.
/// </remarks>
public sealed class SourceDependencies
{
    private static readonly Guid s_typeDocuments = new("932E74BC-DBA9-4478-8D46-0F32A7BAB3D3");
    private static readonly Dictionary<int, OpCode> s_opCodes = typeof(OpCodes)
        .GetFields(BindingFlags.Public | BindingFlags.Static)
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => (int)(ushort)code.Value);

    private readonly MetadataReader _metadata;
    private readonly MetadataReader _symbols;
    private readonly PEReader _file;
    private readonly string _root;
    private readonly Dictionary<TypeDefinitionHandle, string> _fileOfType = [];
    private readonly HashSet<Use> _uses = [];
    private readonly Module _module;
    private readonly Dictionary<EntityHandle, string?> _internalOfMLNet = [];
    private readonly HashSet<Use> _usesOfInternals = [];

    private SourceDependencies(Module module, PEReader file, MetadataReader metadata, MetadataReader symbols)
    {
        (_module, _file, _metadata, _symbols) = (module, file, metadata, symbols);
        string[] sources =
        [
            .. symbols
                .Documents.Select(handle => symbols.GetString(symbols.GetDocument(handle).Name).Replace('\\', '/'))
                .Where(path => !path.Contains("/obj/", StringComparison.Ordinal)),
        ];
        _root = CommonFolder(sources);
        PlaceTypes();
        foreach (TypeDefinitionHandle type in metadata.TypeDefinitions)
        {
            ReadType(type);
        }
    }

    /// <summary>A use of one file's code by another's.</summary>
    /// <param name="From">The file that uses, relative to the project.</param>
    /// <param name="To">The file that is used.</param>
    public readonly record struct Use(string From, string To);

    /// <summary>Every file that uses another, once for each.</summary>
    public IReadOnlyCollection<Use> Uses => _uses;

    /// <summary>Every use of a type or member of ML.NET that is not public there, once for each file.</summary>
    public IReadOnlyCollection<Use> UsesOfInternals => _usesOfInternals;

    /// <summary>Reads an assembly and the .pdb beside it.</summary>
    public static SourceDependencies Of(Assembly assembly)
    {
        ArgumentNullException.ThrowIfNull(assembly);
        using var file = new PEReader(File.OpenRead(assembly.Location));
        using MetadataReaderProvider symbols = MetadataReaderProvider.FromPortablePdbStream(
            File.OpenRead(Path.ChangeExtension(assembly.Location, ".pdb"))
        );
        return new SourceDependencies(
            assembly.ManifestModule,
            file,
            file.GetMetadataReader(),
            symbols.GetMetadataReader()
        );
    }

    private void PlaceTypes()
    {
        foreach (TypeDefinitionHandle handle in _metadata.TypeDefinitions)
        {
            string? own =
                _metadata
                    .GetTypeDefinition(handle)
                    .GetMethods()
                    .Select(DocumentOf)
                    .Where(file => file is not null)
                    .OrderBy(file => file!.Length) // of a partial type, the file without a second name
                    .ThenBy(file => file, StringComparer.Ordinal)
                    .FirstOrDefault()
                ?? TypeDocument(handle);
            if (own is not null)
            {
                _fileOfType[handle] = own;
            }
        }
        // Types that the compiler made, without code of their own, belong to those around them.
        foreach (TypeDefinitionHandle handle in _metadata.TypeDefinitions)
        {
            TypeDefinitionHandle outer = handle;
            while (!_fileOfType.ContainsKey(outer))
            {
                outer = _metadata.GetTypeDefinition(outer).GetDeclaringType();
                if (outer.IsNil)
                {
                    break;
                }
            }
            if (!outer.IsNil)
            {
                _fileOfType[handle] = _fileOfType[outer];
            }
        }
    }

    private string? DocumentOf(MethodDefinitionHandle method)
    {
        MethodDebugInformation information = _symbols.GetMethodDebugInformation(method.ToDebugInformationHandle());
        DocumentHandle document = information.Document;
        if (document.IsNil)
        {
            document = information
                .GetSequencePoints()
                .Select(point => point.Document)
                .FirstOrDefault(handle => !handle.IsNil);
        }
        return document.IsNil ? null : Relative(document);
    }

    private string? TypeDocument(TypeDefinitionHandle type)
    {
        foreach (CustomDebugInformationHandle handle in _symbols.GetCustomDebugInformation(type))
        {
            CustomDebugInformation information = _symbols.GetCustomDebugInformation(handle);
            if (_symbols.GetGuid(information.Kind) == s_typeDocuments)
            {
                BlobReader blob = _symbols.GetBlobReader(information.Value);
                return Relative(MetadataTokens.DocumentHandle(blob.ReadCompressedInteger()));
            }
        }
        return null;
    }

    private string? Relative(DocumentHandle document)
    {
        string path = _symbols.GetString(_symbols.GetDocument(document).Name).Replace('\\', '/');
        return path.StartsWith(_root, StringComparison.Ordinal) && !path.Contains("/obj/", StringComparison.Ordinal)
            ? path[_root.Length..]
            : null;
    }

    private static string CommonFolder(string[] paths)
    {
        string common = paths[0];
        foreach (string path in paths)
        {
            int same = common.Zip(path).TakeWhile(pair => pair.First == pair.Second).Count();
            common = common[..same];
        }
        return common[..(common.LastIndexOf('/') + 1)];
    }

    private void ReadType(TypeDefinitionHandle handle)
    {
        if (!_fileOfType.TryGetValue(handle, out string? file))
        {
            return;
        }
        TypeDefinition type = _metadata.GetTypeDefinition(handle);
        Add(file, type.BaseType);
        foreach (InterfaceImplementationHandle implemented in type.GetInterfaceImplementations())
        {
            Add(file, _metadata.GetInterfaceImplementation(implemented).Interface);
        }
        foreach (FieldDefinitionHandle field in type.GetFields())
        {
            _ = _metadata.GetFieldDefinition(field).DecodeSignature(new Collector(this, file), null);
        }
        foreach (MethodDefinitionHandle method in type.GetMethods())
        {
            ReadMethod(method, DocumentOf(method) ?? file);
        }
    }

    private void ReadMethod(MethodDefinitionHandle handle, string file)
    {
        MethodDefinition method = _metadata.GetMethodDefinition(handle);
        var collector = new Collector(this, file);
        _ = method.DecodeSignature(collector, null);
        foreach (GenericParameterHandle parameter in method.GetGenericParameters())
        {
            foreach (
                GenericParameterConstraintHandle constraint in _metadata.GetGenericParameter(parameter).GetConstraints()
            )
            {
                Add(file, _metadata.GetGenericParameterConstraint(constraint).Type);
            }
        }
        if (method.RelativeVirtualAddress == 0)
        {
            return;
        }
        MethodBodyBlock body = _file.GetMethodBody(method.RelativeVirtualAddress);
        if (!body.LocalSignature.IsNil)
        {
            _ = _metadata.GetStandaloneSignature(body.LocalSignature).DecodeLocalSignature(collector, null);
        }
        foreach (ExceptionRegion region in body.ExceptionRegions)
        {
            Add(file, region.CatchType);
        }
        BlobReader code = body.GetILReader();
        while (code.RemainingBytes > 0)
        {
            int value = code.ReadByte();
            OpCode operation = s_opCodes[value == 0xFE ? 0xFE00 | code.ReadByte() : value];
            switch (operation.OperandType)
            {
                case OperandType.InlineMethod
                or OperandType.InlineField
                or OperandType.InlineType
                or OperandType.InlineTok:
                    Add(file, MetadataTokens.EntityHandle(code.ReadInt32()));
                    break;
                case OperandType.InlineNone:
                    break;
                case OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar:
                    code.Offset += 1;
                    break;
                case OperandType.InlineVar:
                    code.Offset += 2;
                    break;
                case OperandType.InlineI8 or OperandType.InlineR:
                    code.Offset += 8;
                    break;
                case OperandType.InlineSwitch:
                    int targets = code.ReadInt32();
                    code.Offset += 4 * targets;
                    break;
                default:
                    code.Offset += 4;
                    break;
            }
        }
    }

    private void Add(string from, EntityHandle handle)
    {
        if (handle.IsNil)
        {
            return;
        }
        switch (handle.Kind)
        {
            case HandleKind.TypeDefinition:
                AddType(from, (TypeDefinitionHandle)handle);
                break;
            case HandleKind.TypeSpecification:
                _ = _metadata
                    .GetTypeSpecification((TypeSpecificationHandle)handle)
                    .DecodeSignature(new Collector(this, from), null);
                break;
            case HandleKind.FieldDefinition:
                AddType(from, _metadata.GetFieldDefinition((FieldDefinitionHandle)handle).GetDeclaringType());
                break;
            case HandleKind.MethodDefinition:
                var method = (MethodDefinitionHandle)handle;
                AddFile(from, DocumentOf(method));
                AddType(from, _metadata.GetMethodDefinition(method).GetDeclaringType());
                break;
            case HandleKind.TypeReference:
                AddForeign(from, handle);
                break;
            case HandleKind.MemberReference:
                AddForeign(from, handle);
                Add(from, _metadata.GetMemberReference((MemberReferenceHandle)handle).Parent);
                break;
            case HandleKind.MethodSpecification:
                MethodSpecification specification = _metadata.GetMethodSpecification((MethodSpecificationHandle)handle);
                Add(from, specification.Method);
                _ = specification.DecodeSignature(new Collector(this, from), null);
                break;
        }
    }

    private void AddType(string from, TypeDefinitionHandle type)
    {
        if (_fileOfType.TryGetValue(type, out string? file))
        {
            AddFile(from, file);
        }
    }

    private void AddForeign(string from, EntityHandle handle)
    {
        if (!_internalOfMLNet.TryGetValue(handle, out string? name))
        {
            name = _internalOfMLNet[handle] = InternalOfMLNet(handle);
        }
        if (name is not null)
        {
            _usesOfInternals.Add(new Use(from, name));
        }
    }

    // Members of generic types are resolved by their type alone, whose arguments are not known here.
    private string? InternalOfMLNet(EntityHandle handle)
    {
        EntityHandle type =
            handle.Kind == HandleKind.MemberReference
                ? _metadata.GetMemberReference((MemberReferenceHandle)handle).Parent
                : handle;
        if (
            type.Kind != HandleKind.TypeReference
            || !InternalsCheck.IsMLNet(_metadata, _metadata.GetTypeReference((TypeReferenceHandle)type))
        )
        {
            return null;
        }
        MemberInfo member = _module.ResolveMember(MetadataTokens.GetToken(handle))!;
        bool isPublic = member switch
        {
            Type itself => itself.IsVisible,
            MethodBase method => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly,
            FieldInfo field => field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly,
            _ => true,
        };
        return isPublic ? null : $"{member.DeclaringType?.Name}.{member.Name}";
    }

    private void AddFile(string from, string? to)
    {
        if (to is not null && to != from)
        {
            _uses.Add(new Use(from, to));
        }
    }

    /// <summary>Notes the types of the assembly that a signature names.</summary>
    private sealed class Collector(SourceDependencies owner, string from) : ISignatureTypeProvider<bool, object?>
    {
        public bool GetTypeFromDefinition(MetadataReader reader, TypeDefinitionHandle handle, byte rawTypeKind)
        {
            owner.AddType(from, handle);
            return true;
        }

        public bool GetTypeFromSpecification(
            MetadataReader reader,
            object? genericContext,
            TypeSpecificationHandle handle,
            byte rawTypeKind
        ) => reader.GetTypeSpecification(handle).DecodeSignature(this, genericContext);

        public bool GetArrayType(bool elementType, ArrayShape shape) => true;

        public bool GetByReferenceType(bool elementType) => true;

        public bool GetFunctionPointerType(MethodSignature<bool> signature) => true;

        public bool GetGenericInstantiation(bool genericType, ImmutableArray<bool> typeArguments) => true;

        public bool GetGenericMethodParameter(object? genericContext, int index) => true;

        public bool GetGenericTypeParameter(object? genericContext, int index) => true;

        public bool GetModifiedType(bool modifier, bool unmodifiedType, bool isRequired) => true;

        public bool GetPinnedType(bool elementType) => true;

        public bool GetPointerType(bool elementType) => true;

        public bool GetPrimitiveType(PrimitiveTypeCode typeCode) => true;

        public bool GetSZArrayType(bool elementType) => true;

        public bool GetTypeFromReference(MetadataReader reader, TypeReferenceHandle handle, byte rawTypeKind)
        {
            owner.AddForeign(from, handle);
            return true;
        }
    }
}
