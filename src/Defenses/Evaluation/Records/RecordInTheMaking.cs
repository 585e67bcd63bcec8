using System.Globalization;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Defenses.Evaluation.Work;
using TorchSharp;
using static TorchSharp.torch;

namespace Defenses.Evaluation;

/// <summary>The record of one defense, while blocks are added to it.</summary>
internal sealed class RecordInTheMaking : IDisposable
{
    private readonly EvaluationPlan _plan;
    private readonly int _defense;
    private readonly RecordStaging _staging;
    private readonly List<int> _clean = [], _null = [];
    private readonly IncrementalHash _hash = Sha256(), _labelHash = Sha256();
    private readonly CellInTheMaking[][] _cells;
    private readonly (List<int> Chosen, List<int> Correct)[] _worst;
    private NpyWriter? _images, _labels;

    internal RecordInTheMaking(EvaluationPlan plan, int defense, string folder)
    {
        (_plan, _defense, _staging) = (plan, defense, new RecordStaging(folder));
        _worst = [.. Enumerable.Range(0, plan.Strengths).Select(_ => (new List<int>(), new List<int>()))];
        var number = 0;
        _cells = [.. Enumerable.Range(0, plan.Strengths).Select(_ => plan.Distinct(defense).Select(cell =>
            new CellInTheMaking(cell, $"attacks/{(++number).ToString("00", CultureInfo.InvariantCulture)}.npy")).ToArray())];
    }

    private DefenseEntry Entry => _plan.Evaluation.Defenses[_defense];

    private IEnumerable<NpyWriter> Writers =>
        ((NpyWriter?[])[_images, _labels, .. _cells.SelectMany(cells => cells).Select(cell => cell.Images)]).OfType<NpyWriter>();

    internal void Add(Tensor images, Tensor labels, CleanRecord clean, AttackRecord[] attacked)
    {
        long[] shape = [_plan.Examples.Count, .. images.shape.Skip(1)];
        _images ??= new NpyWriter(_staging.At(EvaluationRecord.ImagesFile), shape, images.dtype);
        _labels ??= new NpyWriter(_staging.At(EvaluationRecord.LabelsFile), [_plan.Examples.Count], ScalarType.Int64);
        var pixels = images.cpu().contiguous().bytes;
        var classes = labels.to_type(ScalarType.Int64).cpu().contiguous().bytes;
        _images.Add(pixels);
        _labels.Add(classes);
        _hash.AppendData(pixels);
        _labelHash.AppendData(classes);
        _clean.AddRange(clean.Correct);
        _null.AddRange(clean.Unprovoked.Select(met => _plan.Evaluation.Draws - met));
        foreach (var (strength, piece) in attacked.Index())
        {
            foreach (var cell in _cells[strength]) cell.Add(piece.Cells[cell.Cell], _staging.At(cell.File), shape, images.dtype);
            _worst[strength].Chosen.AddRange(piece.Chosen.Select(chosen => Array.FindIndex(_cells[strength], cell => cell.Cell == chosen)));
            _worst[strength].Correct.AddRange(piece.Correct);
        }
    }

    internal void Finish()
    {
        foreach (var writer in Writers)
        {
            writer.Finish();
            writer.Dispose();
        }
        foreach (var (name, write) in Files)
        {
            Directory.CreateDirectory(_staging.At("model"));
            write(_staging.At($"model/{name}"));
        }
        _staging.Finish(Record());
    }

    public void Dispose()
    {
        foreach (var writer in Writers) writer.Dispose();
        _hash.Dispose();
        _labelHash.Dispose();
        _staging.Dispose();
    }

    private EvaluationRecord Record()
    {
        _hash.AppendData(_labelHash.GetHashAndReset());
        return new EvaluationRecord
        {
            Name = Entry.Name, Description = Entry.Description, Images = Convert.ToHexStringLower(_hash.GetHashAndReset()),
            ClassNames = [.. _plan.Examples.ClassNames ?? []], Settings = ReportBuilder.Settings(_plan), Model = Model(),
            Clean = new RecordedCounts { Seed = _plan.SeedOf("clean", _defense), Correct = _clean },
            Null = new RecordedCounts { Seed = _plan.SeedOf("unprovoked", _defense), Correct = _null },
            Attacks = [.. _cells.SelectMany((cells, strength) => cells.Select(cell => Attack(strength, cell)))],
            Worst = [.. _worst.Select((worst, strength) => new RecordedWorst
            {
                Epsilon = _plan.Evaluation.Strengths[strength], Chosen = worst.Chosen,
                Counts = new RecordedCounts { Seed = _plan.SeedOf("worst", _defense, strength), Correct = worst.Correct },
            })],
            Timing = new RecordTiming(_plan.Evaluation.Clock.GetUtcNow(), MachineText()),
        };
    }

    private RecordedModel Model() => new()
    {
        IsRandom = Entry.Model.IsRandom, Graph = RecordedModel.GraphOf(Entry.Model), Weights = RecordedModel.WeightsOf(Entry.Model), Version = Entry.Version,
        Arithmetic = RecordedModel.ArithmeticOf(Entry.Model, _plan.SeedOf("clean", _defense), _plan.Examples.Count, Images),
        Recipe = Entry.Recipe?.Values ?? new Dictionary<string, string>(), Files = [.. Files.Keys.Order(StringComparer.Ordinal)],
    };

    private IReadOnlyDictionary<string, Action<string>> Files => Entry.Recipe?.Files ?? new Dictionary<string, Action<string>>();

    private static IncrementalHash Sha256() => IncrementalHash.CreateHash(HashAlgorithmName.SHA256);

    private Tensor Images(long first, long count) => _plan.Examples.Read(first, count).Images;

    private RecordedAttack Attack(int strength, CellInTheMaking cell)
    {
        var entry = _plan.Evaluation.Attacks[cell.Cell];
        return new RecordedAttack
        {
            Attack = entry.Name, View = entry.View.Name, Epsilon = _plan.Evaluation.Strengths[strength], Options = _plan.Options[cell.Cell][strength],
            File = cell.File, OutsideBudget = cell.Outside, ForwardPasses = cell.Forward, BackwardPasses = cell.Backward,
            Counts = new RecordedCounts { Seed = _plan.SeedOf("judge", _defense, strength, cell.Cell), Correct = cell.Correct },
        };
    }

    internal static string MachineText() => string.Create(CultureInfo.InvariantCulture,
        $"{Environment.ProcessorCount} processors, {get_num_threads()} torch threads, {RuntimeInformation.OSDescription}, " +
        $"{RuntimeInformation.FrameworkDescription}, libtorch {torch.__version__}");
}

/// <summary>An attack of a record, while blocks are added to it.</summary>
internal sealed class CellInTheMaking(int cell, string file)
{
    internal int Cell { get; } = cell;

    internal string File { get; } = file;

    internal List<int> Correct { get; } = [];

    internal long Outside { get; private set; }

    internal long Forward { get; private set; }

    internal long Backward { get; private set; }

    internal NpyWriter? Images { get; private set; }

    internal void Add(CellRecord piece, string path, long[] shape, ScalarType type)
    {
        Correct.AddRange(piece.Correct);
        (Outside, Forward, Backward) = (Outside + piece.Outside, Forward + piece.Forward, Backward + piece.Backward);
        Images ??= new NpyWriter(path, shape, type);
        Images.Add(piece.Adversarial);
    }
}
