using System.Globalization;
using System.Numerics;
using Microsoft.ML;
using Microsoft.ML.Data;
using Microsoft.ML.Runtime;
using Ssna.MLNet.Ids;
using Ssna.MLNet.Interop;

namespace Ssna.MLNet.Sequences;

/// <summary>Reads the current row's time; false where it is missing.</summary>
internal delegate bool TimeReader(out long time);

/// <summary>
/// Times of every type that ML.NET has, as 64-bit integers of the same order. NaN is missing, and so is the first instant of the
/// year 1, which is what a missing date becomes in ML.NET. Floating-point numbers are refused where neighbouring whole numbers
/// have become one: the order of such times is lost already.
/// </summary>
internal static class TimeColumn
{
    /// <summary>The column of that name, if it holds times.</summary>
    /// <exception cref="ArgumentOutOfRangeException">It is missing, or holds something else.</exception>
    public static DataViewSchema.Column Require(IExceptionContext context, DataViewSchema schema, string name) =>
        SchemaChecks.Require(
            context,
            schema,
            "time",
            name,
            type => type is NumberDataViewType or DateTimeDataViewType or DateTimeOffsetDataViewType,
            "a number, DateTime or DateTimeOffset"
        );

    /// <summary>The reader of a column that <see cref="Require"/> gave.</summary>
    public static TimeReader CreateReader(DataViewRow row, DataViewSchema.Column column) =>
        column.Type.RawType switch
        {
            var raw when raw == typeof(DateTime) => Read<DateTime>(row, column),
            var raw when raw == typeof(DateTimeOffset) => Read<DateTimeOffset>(row, column),
            var raw when raw == typeof(float) => Read<float>(row, column),
            var raw when raw == typeof(double) => Read<double>(row, column),
            var raw => IntegerTypes.Visit<TimeReader, IntegerReader>(raw, new(row, column)),
        };

    /// <summary>What the reader of <paramref name="column"/> gives for <paramref name="time"/>.</summary>
    /// <exception cref="ArgumentException">
    /// The time is missing, or neither of the column's type nor a number that this type holds unchanged, or a floating-point
    /// number so large that it stands for several times.
    /// </exception>
    public static long ToInteger<TTime>(DataViewSchema.Column column, TTime time)
        where TTime : struct
    {
        if (IsBlurred(time))
        {
            throw new ArgumentException(
                $"The time to compare column '{column.Name}' with: {Blurred(time)} Give a whole number as Int64.",
                nameof(time)
            );
        }
        Type raw = column.Type.RawType;
        object? same =
            time.GetType() == raw ? time
            : column.Type is NumberDataViewType ? Unchanged(time, raw)
            : null;
        return same is not null && Order(same) is long order
            ? order
            : throw new ArgumentException(
                string.Create(
                    CultureInfo.InvariantCulture,
                    $"Expected a time of type {raw.Name}, as in time column '{column.Name}', found {time} of type {typeof(TTime).Name}."
                ),
                nameof(time)
            );
    }

    private static TimeReader Read<T>(DataViewRow row, DataViewSchema.Column column)
    {
        ValueGetter<T> getter = row.GetGetter<T>(column);
        T value = default!;
        return (out long time) =>
        {
            getter(ref value);
            if (IsBlurred(value))
            {
                throw new InvalidOperationException(
                    $"Time column '{column.Name}', row {row.Position}: {Blurred(value)} Load or make the column as Int64 "
                        + "(a property of type long, DataKind.Int64) or as DateTime."
                );
            }
            long? order = Order(value);
            time = order.GetValueOrDefault();
            return order.HasValue;
        };
    }

    /// <summary>A number of the same order as the value, or null for a missing one.</summary>
    private static long? Order<T>(T value) =>
        value switch
        {
            int number => number,
            long number => number,
            float number => OrderOfReal(number),
            double number => OrderOfReal(number),
            DateTime date => date.Ticks == 0 ? null : date.Ticks,
            DateTimeOffset date => date.UtcTicks == 0 ? null : date.UtcTicks,
            uint number => number,
            ulong number => (long)(number ^ (1UL << 63)), // 0 becomes the least long
            short number => number,
            ushort number => number,
            sbyte number => number,
            byte number => number,
            _ => throw new ArgumentException($"No time is of type {typeof(T)}.", nameof(value)),
        };

    private static long? OrderOfReal(double number)
    {
        if (double.IsNaN(number))
        {
            return null;
        }
        // The bits of floating-point numbers grow with them, but for negative ones, where they shrink; adding 0 makes -0 a 0.
        long bits = BitConverter.DoubleToInt64Bits(number + 0.0);
        return bits < 0 ? bits ^ long.MaxValue : bits;
    }

    /// <summary>Whether a floating-point number is so large that the next whole number is the same one.</summary>
    private static bool IsBlurred<T>(T value) =>
        value switch
        {
            float number => MathF.Abs(number) >= 1 << 24,
            double number => Math.Abs(number) >= 1L << 53,
            _ => false,
        };

    private static string Blurred<T>(T value) =>
        string.Create(
            CultureInfo.InvariantCulture,
            $"expected a {typeof(T).Name} below {(value is float ? 1 << 24 : 1L << 53)}, found {value}: from there on this type cannot tell neighbouring whole numbers apart, and the order of times is lost."
        );

    private static object? Unchanged(object number, Type type)
    {
        try
        {
            object converted = Convert.ChangeType(number, type, CultureInfo.InvariantCulture);
            object back = Convert.ChangeType(converted, number.GetType(), CultureInfo.InvariantCulture);
            return back.Equals(number) ? converted : null;
        }
        catch (Exception e) when (e is OverflowException or InvalidCastException)
        {
            return null;
        }
    }

    private readonly struct IntegerReader(DataViewRow row, DataViewSchema.Column column) : IIntegerVisitor<TimeReader>
    {
        public TimeReader Visit<T>()
            where T : unmanaged, IBinaryInteger<T>, IMinMaxValue<T> => Read<T>(row, column);
    }
}
