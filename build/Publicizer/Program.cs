// Writes a copy of an assembly in which internal members can be named by the compiler. The copy is a compile-time
// reference only: at run time the real assembly is used, and IgnoresAccessChecksTo lets our calls through.
// Private members stay private, so that explicit interface implementations and closures keep their meaning.
using System.Buffers.Binary;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

if (args.Length != 2)
{
    Console.Error.WriteLine("usage: Publicizer SOURCE.dll DESTINATION.dll");
    return 2;
}

byte[] image = File.ReadAllBytes(args[0]);
using (var pe = new PEReader(new MemoryStream(image, writable: false)))
{
    MetadataReader metadata = pe.GetMetadataReader();
    int start = pe.PEHeaders.MetadataStartOffset;

    int RowOffset(TableIndex table, EntityHandle row) =>
        start
        + metadata.GetTableMetadataOffset(table)
        + ((MetadataTokens.GetRowNumber(row) - 1) * metadata.GetTableRowSize(table));

    foreach (TypeDefinitionHandle type in metadata.TypeDefinitions)
    {
        // The 4 bytes of flags come first; the lowest three bits are the visibility (ECMA-335, II.23.1.15).
        Span<byte> flags = image.AsSpan(RowOffset(TableIndex.TypeDef, type), sizeof(uint));
        uint value = BinaryPrimitives.ReadUInt32LittleEndian(flags);
        uint visibility = (value & 7) switch
        {
            0 => 1, // not public -> public
            5 or 6 or 7 => 2, // nested: assembly, family and assembly, family or assembly -> public
            uint other => other,
        };
        BinaryPrimitives.WriteUInt32LittleEndian(flags, (value & ~7u) | visibility);
    }

    // Members have their 2 bytes of flags behind RVA and implementation flags (methods), or first (fields).
    foreach (MethodDefinitionHandle method in metadata.MethodDefinitions)
    {
        OpenMember(image.AsSpan(RowOffset(TableIndex.MethodDef, method) + 6, sizeof(ushort)));
    }
    foreach (FieldDefinitionHandle field in metadata.FieldDefinitions)
    {
        OpenMember(image.AsSpan(RowOffset(TableIndex.Field, field), sizeof(ushort)));
    }
}

Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(args[1]))!);
string partial = $"{args[1]}.{Environment.ProcessId}";
File.WriteAllBytes(partial, image);
File.Move(partial, args[1], overwrite: true);
return 0;

static void OpenMember(Span<byte> flags)
{
    ushort value = BinaryPrimitives.ReadUInt16LittleEndian(flags);
    int access = (value & 7) switch
    {
        3 => 6, // internal -> public
        2 => 5, // private protected -> protected internal
        int other => other,
    };
    BinaryPrimitives.WriteUInt16LittleEndian(flags, (ushort)((value & ~7) | access));
}
