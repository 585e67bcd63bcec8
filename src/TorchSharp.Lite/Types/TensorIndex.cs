namespace TorchSharp;

public static partial class torch
{
    /// <summary>One entry between the brackets of an index.</summary>
    public struct TensorIndex
    {
        public static TensorIndex Colon = new(Entry.Slice);
        public static TensorIndex Ellipsis = new(Entry.Ellipsis);
        public static TensorIndex None = new(Entry.NewAxis);
        public static TensorIndex Null = new(Entry.NewAxis);

        private TensorIndex(Entry kind) => Kind = kind;

        internal enum Entry { NewAxis, Ellipsis, Single, Bool, Slice, Tensor }

        internal Entry Kind { get; private init; }
        internal long? Start { get; private init; }
        internal long? Stop { get; private init; }
        internal long? Step { get; private init; }
        internal Tensor? Indices { get; private init; }

        public static TensorIndex Single(long? index) => index is { } i ? new(Entry.Single) { Start = i } : None;

        public static TensorIndex Bool(bool value) => new(Entry.Bool) { Start = value ? 1 : 0 };

        public static TensorIndex Tensor(Tensor tensor) => new(Entry.Tensor) { Indices = tensor };

        public static TensorIndex Slice(long? start = null, long? stop = null, long? step = null) =>
            new(Entry.Slice) { Start = start, Stop = stop, Step = step };

        public static TensorIndex Slice((int? start, int? end) range) => Slice(range.start, range.end);

        public static TensorIndex Slice(Range range) =>
            Slice(Number(range.Start), range.End.Equals(Index.End) ? null : Number(range.End));

        public static implicit operator TensorIndex(long value) => Single(value);

        public static implicit operator TensorIndex(Index index) => Single(Number(index));

        public static implicit operator TensorIndex(Range range) => Slice(range);

        public static implicit operator TensorIndex((int? start, int? end) range) => Slice(range);

        private static long Number(Index index) => index.IsFromEnd ? -index.Value : index.Value;
    }
}
