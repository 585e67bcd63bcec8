namespace Defenses.Benchmarks.Measuring;

/// <summary>A Markdown page with one section for each report, between marks that no reader sees; a new report replaces the old one.</summary>
internal static class ResultsPage
{
    public static void Put(string path, Report report) => Put(path, report.Name, report.Markdown());

    public static void Put(string path, string name, string section)
    {
        var full = Path.GetFullPath(path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        var page = File.Exists(full) ? File.ReadAllText(full) : "# Results\n";
        var unfinished = full + ".part";
        File.WriteAllText(unfinished, With(page, name, section));
        File.Move(unfinished, full, overwrite: true);
    }

    public static string With(string page, string name, string section)
    {
        var (open, close) = ($"<!-- benchmark {name} -->\n", $"<!-- end of benchmark {name} -->\n");
        var start = page.IndexOf(open, StringComparison.Ordinal);
        var end = page.IndexOf(close, StringComparison.Ordinal);
        return start >= 0 && end > start
            ? page[..start] + open + section + page[end..]
            : page.TrimEnd('\n') + "\n\n" + open + section + close;
    }
}
