using System.Security.Cryptography;

namespace Defenses.Zoo;

/// <summary>Reads files of CIFAR-10's binary version.</summary>
internal static class CifarReader
{
    public const int RecordsPerFile = 10_000;
    private const int Pixels = 3 * 32 * 32;
    private const int Record = 1 + Pixels;

    public static DataSet Read(string name, IEnumerable<string> paths, string[] classNames, int records = RecordsPerFile)
    {
        var files = paths.ToArray();
        var pixels = new byte[(long)files.Length * records * Pixels];
        var labels = new byte[files.Length * records];
        var provenance = new HashSet<Provenance>();
        for (var i = 0; i < files.Length; i++)
        {
            var data = ReadFile(files[i], records, classNames.Length);
            provenance.Add(CifarSums.Identify(Path.GetFileName(files[i]), Convert.ToHexStringLower(SHA256.HashData(data))));
            for (var record = 0; record < records; record++)
            {
                var at = (i * records) + record;
                labels[at] = data[record * Record];
                data.AsSpan((record * Record) + 1, Pixels).CopyTo(pixels.AsSpan(at * Pixels));
            }
        }

        return DataSet.FromBytes(name, pixels, [3, 32, 32], labels, classNames, provenance.Count == 1 ? provenance.Single() : Provenance.Unknown);
    }

    private static byte[] ReadFile(string path, int records, int classes)
    {
        var length = new FileInfo(path).Length;
        if (length != (long)records * Record)
        {
            throw BadFile.Error(path, $"must have {(long)records * Record} bytes ({records} records of {Record}: a label and 3×32×32 pixels), "
                + $"but has {length}. It is {(length < (long)records * Record ? "truncated" : "too long")}, or not of CIFAR-10's binary version. Fetch it again.");
        }

        var data = File.ReadAllBytes(path);
        DataFiles.CheckLabels(path, data, Record, classes);
        return data;
    }
}
