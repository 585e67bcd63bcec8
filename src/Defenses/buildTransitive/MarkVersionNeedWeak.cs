using System;
using System.IO;
using System.Text;
using Microsoft.Build.Framework;
using Microsoft.Build.Utilities;

/// <summary>
/// Copies an ELF library and marks its need of one symbol version as weak, so that glibc's loader accepts a system without that version.
/// </summary>
/// <remarks>
/// 64-bit, little-endian. Section SHT_GNU_verneed holds a chain of Elf64_Verneed (version u16, count u16, file u32, aux u32, next u32), each with
/// a chain of Elf64_Vernaux (hash u32, flags u16, other u16, name u32, next u32). A library without such a need is copied as it is.
/// Compiled by MSBuild when it is needed; not part of any assembly.
/// </remarks>
public sealed class MarkVersionNeedWeak : Task
{
    private const uint VersionNeeds = 0x6ffffffe;   // SHT_GNU_verneed
    private const ushort Weak = 2;                  // VER_FLG_WEAK

    [Required] public string Source { get; set; }

    [Required] public string Destination { get; set; }

    [Required] public string Version { get; set; }

    public override bool Execute()
    {
        try
        {
            var library = File.ReadAllBytes(Source);
            Mark(library);
            Write(library);
        }
        catch (Exception error) when (error is IOException || error is UnauthorizedAccessException || error is ArgumentException || error is OverflowException)
        {
            Log.LogError("LoadTorchOnOlderLinux: cannot mark a copy of '{0}' at '{1}': {2} Set LoadTorchOnOlderLinux to false to build without it.",
                Source, Destination, error.Message);
        }
        return !Log.HasLoggedErrors;
    }

    // The time of the source is not kept: the copy must be newer than its inputs, or MSBuild makes it again each time.
    private void Write(byte[] library)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Destination));
        var part = Destination + ".part";
        File.WriteAllBytes(part, library);
        if (File.Exists(Destination)) File.Delete(Destination);
        File.Move(part, Destination);
    }

    private void Mark(byte[] elf)
    {
        if (elf.Length < 64 || BitConverter.ToUInt32(elf, 0) != 0x464c457f || elf[4] != 2 || elf[5] != 1)
            throw new ArgumentException("it is no 64-bit little-endian ELF file.");
        long sections = Offset(elf, 40);
        int size = BitConverter.ToUInt16(elf, 58), count = BitConverter.ToUInt16(elf, 60);
        for (int index = 0; index < count; index++)
        {
            int section = checked((int)(sections + (long)index * size));
            if (BitConverter.ToUInt32(elf, section + 4) != VersionNeeds) continue;
            int names = checked((int)(sections + BitConverter.ToUInt32(elf, section + 40) * (long)size));
            MarkNeeds(elf, Offset(elf, section + 24), Offset(elf, names + 24));
        }
    }

    private void MarkNeeds(byte[] elf, int need, int names)
    {
        while (true)
        {
            int version = checked(need + (int)BitConverter.ToUInt32(elf, need + 8));
            for (int left = BitConverter.ToUInt16(elf, need + 2); left > 0; left--)
            {
                if (Text(elf, checked(names + (int)BitConverter.ToUInt32(elf, version + 8))) == Version) elf[version + 4] |= (byte)Weak;
                version = checked(version + (int)BitConverter.ToUInt32(elf, version + 12));
            }
            int next = (int)BitConverter.ToUInt32(elf, need + 12);
            if (next == 0) return;
            need = checked(need + next);
        }
    }

    private static int Offset(byte[] elf, int at)
    {
        return checked((int)BitConverter.ToUInt64(elf, at));
    }

    private static string Text(byte[] elf, int at)
    {
        return Encoding.ASCII.GetString(elf, at, Array.IndexOf(elf, (byte)0, at) - at);
    }
}
