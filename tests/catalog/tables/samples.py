"""Small files of each shop format, by their public documentation, with the oddities of exports."""

SHOPIFY = """\
Handle,Title,Body (HTML),Vendor,Product Category,Type,Tags,Published,Option1 Name,Option1 Value,\
Option2 Name,Option2 Value,Variant SKU,Variant Grams,Variant Price,Image Src,Image Position,\
Image Alt Text,Gift Card,SEO Title,Google Shopping / Gender,Google Shopping / Age Group,\
Variant Image,Status
linen-shirt,Linen Shirt,"<p>A <strong>linen</strong> shirt &amp; more.</p>
<ul><li>Airy</li><li>Soft</li></ul>",Acme,Apparel & Accessories > Clothing > Shirts,Shirts,\
"summer, linen",TRUE,Size,S,Color,Navy,'LS-NAVY-S,200,39.90,https://cdn.example.com/a.jpg?v=1,1,\
Navy linen shirt,FALSE,,male,adult,https://cdn.example.com/a.jpg?v=1,active
linen-shirt,,,,,,,,,M,,Navy,'LS-NAVY-M,200,39.90,https://cdn.example.com/b.jpg?v=1,2,Back,,,,,,
linen-shirt,,,,,,,,,,,,,,,https://cdn.example.com/c.jpg?v=1,3,,,,,,,
kids-cap,"Kids' ""Sun"" Cap",,Acme,,Caps,,false,Title,Default Title,,,,50,9.00,,,,FALSE,,female,\
kids,,draft
"""

SHOPIFY_2025 = """\
Title,URL handle,Description,Vendor,Product category,Type,Tags,Published on online store,Status,\
SKU,Option1 name,Option1 value,Product image URL,Image position,Image alt text
Wool Scarf,wool-scarf,<p>Warm.</p>,Acme,,Scarves,,TRUE,Active,WS-1,Color,Grey,\
https://cdn.example.com/s.jpg,1,A scarf
"""

WOOCOMMERCE = """\
ID,Type,SKU,Name,Published,Is featured?,Visibility in catalog,Short description,Description,\
Regular price,Categories,Tags,Images,Parent,Brands,Attribute 1 name,Attribute 1 value(s),\
Attribute 1 visible,Attribute 1 global,Attribute 2 name,Attribute 2 value(s),Attribute 2 visible,\
Attribute 2 global,Meta: _custom
44,variable,HOODIE,Hoodie,1,0,visible,<p>A hoodie.\\nWarm.</p>,"Long <b>text</b>.",,\
"Clothing > Hoodies, Clothing","cotton, warm",\
"https://shop.example.com/h,1.jpg, https://shop.example.com/h2.jpg",,Acme,Color,"Blue, Red",1,1,\
Fit,Regular,0,0,kept
45,variation,HOODIE-BLUE,Hoodie - Blue,1,0,visible,,,45,,,\
https://shop.example.com/hb.jpg,HOODIE,,Color,Blue,,1,,,,,
46,simple,,Album,0,0,visible,,Only a long text.,15,"Music\\, Records",,,,,,,,,,,,,
"""

MAGENTO = """\
sku,store_view_code,attribute_set_code,product_type,categories,product_websites,name,description,\
short_description,weight,product_online,visibility,price,base_image,base_image_label,\
additional_images,additional_attributes,configurable_variations
WSH12-28-Blue,,Bottom,simple,"Default Category/Women,Default Category/Women/Shorts",base,\
Erika Short-28-Blue,,,1,1,Not Visible Individually,45,/w/s/wsh12-blue_main.jpg,,,\
"color=Blue,size=28",
WSH12,,Bottom,configurable,"Default Category/Women,Default Category/Women/Shorts",base,Erika Short,\
"<p>A great short.</p>",,1,1,"Catalog, Search",45,/w/s/wsh12.jpg,Erika,\
"/w/s/wsh12.jpg,/w/s/wsh12_alt.jpg","climate=Mild|Warm,material=Cotton|Polyester,\
pattern=Solid, plain,gender=Women|Girls,manufacturer=Acme",\
"sku=WSH12-28-Blue,size=28,color=Blue"
WSH12,de,,configurable,,,Erika Hose,,,,,,,,,,,
"""

GOOGLE_TSV = """\
id\ttitle\tdescription\tlink\timage link\tadditional image link\tavailability\tprice\tbrand\t\
google product category\tproduct type\tcolor\tgender\tage group\tsize\titem group id\tshipping
SKU-1\tRed Dress\tA dress, red.\thttps://shop.example.com/1\thttps://shop.example.com/1.jpg\t\
https://shop.example.com/1b.jpg,https://shop.example.com/1c.jpg\tin stock\t25.00 EUR\tAcme\t2271\t\
Women > Dresses\tRed\tfemale\tadult\tM\tG1\tDE:::4.90 EUR
SKU-2\tBoys Cap\t\thttps://shop.example.com/2\t\t\tout of stock\t5.00 EUR\t\t\
Apparel & Accessories > Hats\t\t\tmale\tkids\t\t\t
"""

GOOGLE_XML = """\
<?xml version="1.0"?>
<rss xmlns:g="http://base.google.com/ns/1.0" version="2.0">
<channel><title>Shop</title><link>https://shop.example.com</link>
<item><g:id>SKU-1</g:id><title>Red Dress</title>
<description>A &lt;b&gt;red&lt;/b&gt; dress.</description>
<link>https://shop.example.com/1</link><g:image_link>https://shop.example.com/1.jpg</g:image_link>
<g:additional_image_link>https://shop.example.com/1b.jpg</g:additional_image_link>
<g:additional_image_link>https://shop.example.com/1c.jpg</g:additional_image_link>
<g:brand>Acme</g:brand><g:color>Red</g:color><g:gender>female</g:gender>
<g:shipping><g:country>DE</g:country><g:price>4.90 EUR</g:price></g:shipping></item>
<item><g:id>SKU-2</g:id><title><![CDATA[Cap & more]]></title><g:material>Wool</g:material></item>
</channel></rss>
"""

OWN = """\
sku,title,brand,category,colour,gender,state,description,alt_text,detailed_description,photos,\
attribute:Fabric,attribute:care
A-1,  Linen shirt ,Acme,Apparel > Shirts,Blue,Men,draft,A shirt.,Shirt,,,Linen,"Wash, cold"
A-2,Bag,,,,,published,,,,,,
"""

STRANGE = """\
Artikelnummer;Bezeichnung;Farbe;Beschreibungstext;Preis;Bild-URL
4711;Größe M Hemd;Blau;Ein schönes Hemd.;19,90;https://shop.example.com/4711.jpg
4712;Hose;Rot;;29,90;
"""
