namespace QuickStart.Sample.Shop;

/// <summary>What the sample shop sells, as a person would plan it.</summary>
public static class Assortment
{
    /// <summary>The departments, the most popular first.</summary>
    public static Hobby[] Hobbies { get; } =
    [
        new(
            "Coffee",
            ["espresso", "pour-over", "French press", "moka pot"],
            ["Brightwell", "Marlowe", "Tamarack"],
            ["Baking", "Home brewing"],
            [
                new("Brewers", "{0} brewer", ["brushed steel", "matt black", "for two cups", "for six cups"]),
                new("Beans", "coffee beans for {0}", ["250 g bag", "1 kg bag"], Consumable: true),
                new("Grinders", "burr grinder", ["hand crank", "40 settings", "quiet motor"]),
                new("Scales", "kitchen scale with timer", ["to 0.1 g", "rechargeable", "water resistant"]),
                new("Filters", "reusable {0} filter", ["stainless mesh", "gold plated", "fine", "double wall"]),
                new("Care", "descaler for coffee makers", ["2 sachets", "10 sachets"], Consumable: true),
                new("Cups", "set of {0} cups", ["stoneware", "double wall glass", "enamel", "porcelain"]),
            ]
        ),
        new(
            "Gardening",
            ["tomato", "rose", "strawberry", "orchid", "lavender"],
            ["Fennimore", "Birchline", "Sorrel"],
            ["Aquarium", "Baking"],
            [
                new("Plants", "{0} plant", ["heirloom", "compact", "early", "award winning"]),
                new("Pots", "terracotta pot with saucer", ["18 cm", "24 cm", "frost proof"]),
                new("Soil", "potting soil for {0}", ["peat free", "with perlite", "pre-mixed", "organic"]),
                new("Watering", "watering can with fine rose", ["5 litres", "zinc", "long spout"]),
                new("Feeding", "{0} fertiliser", ["500 ml", "2 litre refill"], Consumable: true),
                new("Supports", "{0} support", ["bamboo", "powder coated steel", "clip on", "expandable"]),
                new("Hand tools", "pruning shears", ["bypass blade", "for small hands", "lifetime warranty"]),
            ]
        ),
        new(
            "Cycling",
            ["road", "gravel", "mountain", "folding"],
            ["Halden", "Vantor", "Kestrel"],
            ["Camping", "Photography"],
            [
                new("Bikes", "{0} bike", ["aluminium frame", "steel frame", "11 gears", "disc brakes"]),
                new("Helmets", "cycling helmet", ["adjustable", "with visor", "with rear light"]),
                new("Tyres", "{0} bike tyre", ["puncture proof", "lightweight", "all season", "reflective"]),
                new("Tubes", "inner tube for {0} bikes", ["single", "pack of four"], Consumable: true),
                new("Pumps", "floor pump with gauge", ["11 bar", "steel barrel", "dual valve"]),
                new("Chains", "{0} bike chain", ["11 speed", "nickel plated", "with quick link", "rust proof"]),
                new("Care", "chain oil", ["50 ml bottle", "500 ml workshop can"], Consumable: true),
            ]
        ),
        new(
            "Baking",
            ["sourdough", "pizza", "macaron", "layer cake"],
            ["Marlowe", "Copperfield", "Juniper Row"],
            ["Coffee", "Gardening"],
            [
                new("Books", "{0} baking book", ["60 recipes", "for beginners", "step by step", "classic"]),
                new("Flour", "{0} flour", ["1 kg", "5 kg sack"], Consumable: true),
                new("Bowls", "mixing bowl", ["with lid", "non slip base", "ceramic"]),
                new("Tools", "{0} tool set", ["olive wood", "silicone", "five pieces", "dishwasher safe"]),
                new("Thermometers", "oven thermometer", ["dial", "digital", "with probe"]),
                new("Tins", "{0} baking tray", ["cast iron", "perforated", "non stick", "blue steel"]),
                new("Storage", "{0} storage box", ["bamboo lid", "airtight", "carry handle", "enamel"]),
            ]
        ),
        new(
            "Photography",
            ["35 mm", "medium format", "large format", "pocket 110"],
            ["Norhaven", "Kestrel", "Wexley"],
            ["Painting", "Camping"],
            [
                new("Cameras", "{0} film camera", ["with standard lens", "refurbished", "manual focus", "black"]),
                new("Film", "{0} black and white film", ["single pack", "pack of ten"], Consumable: true),
                new("Light meters", "light meter", ["incident and spot", "clip on", "analogue"]),
                new("Tanks", "{0} developing tank", ["two reels", "daylight loading", "leak proof", "compact"]),
                new("Chemistry", "film developer", ["250 ml concentrate", "1 litre concentrate"], Consumable: true),
                new("Archive", "{0} negative sleeves", ["acid free", "25 sheets", "for ring binders", "clear"]),
                new("Enlarging", "{0} negative carrier", ["glassless", "adjustable masks", "metal", "anti Newton"]),
            ]
        ),
        new(
            "Music",
            ["acoustic guitar", "electric guitar", "bass guitar", "ukulele", "mandolin"],
            ["Ardent", "Elmsworth", "Wexley"],
            ["Camping", "Home brewing"],
            [
                new("Instruments", "{0}", ["spruce top", "sunburst", "mahogany", "left handed"]),
                new("Tuners", "clip on tuner", ["colour display", "rechargeable", "chromatic"]),
                new("Strings", "{0} strings", ["one set", "three sets"], Consumable: true),
                new("Bags", "padded gig bag for {0}", ["20 mm foam", "with pockets", "waterproof", "backpack"]),
                new("Stands", "folding stand", ["foam arms", "walnut", "tripod"]),
                new("Books", "{0} song book", ["50 songs", "with audio", "fingerstyle", "easy"]),
                new("Care", "fretboard care kit", ["lemon oil", "with cloth", "beeswax"]),
            ]
        ),
        new(
            "Knitting",
            ["merino", "cotton", "alpaca", "sock yarn"],
            ["Juniper Row", "Dunmore", "Sorrel"],
            ["Painting", "Baking"],
            [
                new("Patterns", "pattern book for {0}", ["20 sweaters", "shawls", "for beginners", "for children"]),
                new("Yarn", "{0} ball", ["50 g", "ten balls of 50 g"], Consumable: true),
                new("Needles", "circular needles", ["bamboo", "interchangeable", "brass"]),
                new("Markers", "stitch markers", ["24 pieces", "locking", "numbered"]),
                new("Buttons", "buttons for {0} knits", ["horn", "coconut", "mother of pearl", "wood"]),
                new("Care", "{0} wash", ["unscented", "cedar", "no rinse", "lavender scent"]),
                new("Storage", "project bag", ["canvas", "drawstring", "felt"]),
            ]
        ),
        new(
            "Aquarium",
            ["tropical freshwater", "marine reef", "shrimp", "goldfish"],
            ["Tamarack", "Halden", "Quillon"],
            ["Gardening", "Photography"],
            [
                new("Tanks", "{0} tank", ["60 litres", "120 litres", "with lid", "rimless"]),
                new("Substrate", "{0} gravel", ["fine grain", "dark", "natural", "5 kg"]),
                new("Filters", "external filter", ["600 litres per hour", "silent", "with media"]),
                new("Water care", "water conditioner", ["100 ml", "1 litre"], Consumable: true),
                new("Decoration", "{0} decoration", ["driftwood", "lava rock", "ceramic cave", "slate"]),
                new("Food", "{0} food", ["40 g", "400 g tub"], Consumable: true),
                new("Tests", "water test kit for {0} tanks", ["strips", "six parameters", "liquid", "50 tests"]),
            ]
        ),
        new(
            "Painting",
            ["watercolour", "oil", "acrylic", "gouache"],
            ["Dunmore", "Norhaven", "Copperfield"],
            ["Photography", "Knitting"],
            [
                new("Paints", "{0} paint set", ["24 colours", "12 colours", "studio quality", "travel tin"]),
                new("Brushes", "{0} brushes", ["set of six", "synthetic", "long handle", "fine points"]),
                new("Easels", "table easel", ["beech", "with drawer", "folding"]),
                new("Surfaces", "{0} pad", ["20 sheets", "100 sheets"], Consumable: true),
                new("Palettes", "mixing palette", ["porcelain", "with lid", "tear off"]),
                new("Mediums", "{0} medium", ["slow drying", "gloss", "matt", "75 ml"]),
                new("Finishing", "{0} varnish spray", ["satin", "UV filter", "high gloss", "removable"]),
            ]
        ),
        new(
            "Camping",
            ["ultralight", "family", "winter", "festival"],
            ["Birchline", "Vantor", "Ardent"],
            ["Cycling", "Photography"],
            [
                new("Tents", "{0} tent", ["two poles", "geodesic", "with porch", "quick pitch"]),
                new("Sleeping bags", "{0} sleeping bag", ["down", "synthetic", "wide", "with hood"]),
                new("Lamps", "head torch", ["400 lumen", "rechargeable", "red light"]),
                new("Stoves", "gas stove", ["piezo ignition", "wind shield", "foldable"]),
                new("Fuel", "gas cartridge", ["100 g", "450 g"], Consumable: true),
                new("Mats", "{0} sleeping mat", ["self inflating", "foam", "extra long", "insulated"]),
                new("Food", "{0} camping meals", ["single meal", "box of twelve"], Consumable: true),
            ]
        ),
        new(
            "Home brewing",
            ["pale ale", "stout", "wheat beer", "cider"],
            ["Brightwell", "Quillon", "Elmsworth"],
            ["Coffee", "Baking"],
            [
                new("Kits", "{0} starter kit", ["all in one", "10 litres", "with recipe", "20 litres"]),
                new("Fermenters", "fermenter with airlock", ["15 litres", "glass", "with tap"]),
                new("Ingredients", "{0} ingredients", ["one batch", "four batches"], Consumable: true),
                new("Yeast", "{0} yeast", ["dry", "liquid", "high attenuation", "low temperature"]),
                new("Hygiene", "no rinse sanitiser", ["250 ml", "1 litre"], Consumable: true),
                new("Bottles", "swing top bottles", ["brown glass", "12 pieces", "330 ml"]),
                new("Glasses", "{0} glasses", ["set of four", "hand blown", "stackable", "tall"]),
            ]
        ),
    ];
}
