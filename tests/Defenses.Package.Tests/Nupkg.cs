using System.Collections.Immutable;
using System.IO.Compression;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;
using System.Text;
using System.Xml.Linq;

namespace Defenses.Package.Tests;

/// <summary>One package of artifacts/packages, read.</summary>
internal sealed class Nupkg
{
    internal const string PackCommand = "dotnet pack -c Release -o artifacts/packages";
    private static readonly Guid SourceLinkKind = new("CC110556-A091-4D38-9FEC-25AB9A351A6A");

    private readonly Dictionary<string, byte[]> _entries;

    private Nupkg(string id, string path)
    {
        (Id, Path) = (id, path);
        using var zip = ZipFile.OpenRead(path);
        _entries = zip.Entries.ToDictionary(entry => entry.FullName, Content);
        Metadata = XDocument.Parse(Encoding.UTF8.GetString(_entries[id + ".nuspec"]).TrimStart('\uFEFF')).Root!.Elements().Single();
    }

    public static IReadOnlyList<string> Ids { get; } = ["Defenses", "Defenses.Zoo", "Defenses.Onnx"];

    public static string Folder => Repository.At("artifacts/packages");

    public string Id { get; }

    public string Path { get; }

    /// <summary>The element metadata of the nuspec.</summary>
    public XElement Metadata { get; }

    public string Version => Field("version");

    public IEnumerable<string> Entries => _entries.Keys;

    public byte[] Assembly => _entries[$"lib/net10.0/{Id}.dll"];

    public IEnumerable<string> Dependencies =>
        Metadata.Descendants().Where(element => element.Name.LocalName == "dependency").Select(element => element.Attribute("id")!.Value);

    /// <summary>The newest package of that name; without one, an error with the command that makes it.</summary>
    public static Nupkg Open(string id)
    {
        var made = Directory.Exists(Folder) ? Directory.EnumerateFiles(Folder, id + ".*.nupkg") : [];
        var path = made.Where(file => char.IsAsciiDigit(System.IO.Path.GetFileName(file)[id.Length + 1])).MaxBy(File.GetLastWriteTimeUtc);
        return path is null
            ? throw new FileNotFoundException($"There is no package {id} in '{Folder}'. Make it, in '{Repository.Root}': {PackCommand}")
            : new Nupkg(id, path);
    }

    public byte[] Read(string entry) => _entries[entry];

    public string Field(string name) => Metadata.Elements().SingleOrDefault(element => element.Name.LocalName == name)?.Value ?? "";

    public string Repo(string attribute) =>
        Metadata.Elements().Single(element => element.Name.LocalName == "repository").Attribute(attribute)?.Value ?? "";

    /// <summary>The source files and the SourceLink map that the assembly's embedded symbols name.</summary>
    public (IReadOnlyList<string> Documents, string SourceLink) Symbols()
    {
        using var assembly = new PEReader(ImmutableArray.Create(Assembly));
        var entry = assembly.ReadDebugDirectory().Single(debug => debug.Type == DebugDirectoryEntryType.EmbeddedPortablePdb);
        using var provider = assembly.ReadEmbeddedPortablePdbDebugDirectoryData(entry);
        var reader = provider.GetMetadataReader();
        var link = reader.CustomDebugInformation.Select(reader.GetCustomDebugInformation).SingleOrDefault(info => reader.GetGuid(info.Kind) == SourceLinkKind);
        return ([.. reader.Documents.Select(handle => reader.GetString(reader.GetDocument(handle).Name))],
            link.Value.IsNil ? "" : Encoding.UTF8.GetString(reader.GetBlobBytes(link.Value)));
    }

    private static byte[] Content(ZipArchiveEntry entry)
    {
        using var content = entry.Open();
        using var copy = new MemoryStream();
        content.CopyTo(copy);
        return copy.ToArray();
    }
}
