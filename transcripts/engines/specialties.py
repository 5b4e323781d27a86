"""What specialties bring along: words to listen for, and forms to show.

The four of primary care are those of recordings; streams name AWS's, where PRIMARYCARE is one.

The lists are our own, made of what small speech models get wrong: the most useful terms come
first, since the decoder has room for about forty. A practice's vocabulary goes before all of them.
"""

from functools import cache


def bias(specialty: str) -> tuple[str, ...]:
    """Words the decoder shall listen for, most useful first; nothing for an unknown specialty."""
    return _BIAS.get("FAMILYMEDICINE" if specialty == "PRIMARYCARE" else specialty, ())


@cache
def forms(specialty: str) -> dict[str, str]:
    """Spoken words (lower case) and the form a transcript shows for them."""
    return _FORMS | _FORMS_OF.get(specialty, {})


def _listed(text: str) -> tuple[str, ...]:
    return tuple(" ".join(term.split()) for term in text.split(",") if term.strip())


_BIAS = {
    "FAMILYMEDICINE": _listed("""
        lisinopril, metformin, atorvastatin, amlodipine, losartan, hydrochlorothiazide,
        levothyroxine, albuterol, omeprazole, gabapentin, sertraline, escitalopram, bupropion,
        metoprolol, azithromycin, doxycycline, amoxicillin-clavulanate, cephalexin, meloxicam,
        naproxen, cyclobenzaprine, prednisone, fluticasone, montelukast, semaglutide,
        empagliflozin, dyspnea, edema, auscultation, hemoglobin A1c, microalbumin,
        hyperlipidemia, osteoarthritis, bronchitis, pharyngitis, sinusitis, otitis media,
        cellulitis, radiculopathy, sciatica, gastroesophageal reflux, hypothyroidism,
        nephropathy, retinopathy, peripheral neuropathy, erythema, exudate, lymphadenopathy,
        crackles, wheezes, murmur, afebrile, normocephalic, basic metabolic panel, lipid panel,
        TSH, creatinine, ophthalmology, dermatology, rosuvastatin, tramadol, trazodone,
        duloxetine, citalopram, tamsulosin, sildenafil, glipizide, cetirizine, loratadine,
        benzonatate, nitrofurantoin, ciprofloxacin, fluconazole, triamcinolone, mupirocin,
        vertigo, tinnitus, plantar fasciitis, costochondritis, diverticulitis, prediabetes,
        seborrheic keratosis, onychomycosis, influenza vaccine
    """),
    "INTERNALMEDICINE": _listed("""
        apixaban, rivaroxaban, warfarin, clopidogrel, furosemide, spironolactone, carvedilol,
        metoprolol succinate, sacubitril-valsartan, empagliflozin, dapagliflozin, atorvastatin,
        rosuvastatin, lisinopril, amlodipine, insulin glargine, semaglutide, pantoprazole,
        ceftriaxone, piperacillin-tazobactam, vancomycin, levofloxacin, allopurinol, colchicine,
        atrial fibrillation, heart failure, ejection fraction, hyponatremia, hyperkalemia,
        chronic kidney disease, cirrhosis, ascites, pancreatitis, pneumonia, dyspnea, orthopnea,
        troponin, creatinine, procalcitonin, hematochezia, melena, auscultation, echocardiogram,
        tiotropium, budesonide-formoterol, ipratropium, amiodarone, diltiazem, hydralazine,
        isosorbide mononitrate, torsemide, bumetanide, chlorthalidone, ezetimibe, sitagliptin,
        glargine, levetiracetam, rifaximin, lactulose, methotrexate, hydroxychloroquine,
        alendronate, denosumab, tamsulosin, finasteride, hypertriglyceridemia, nephrolithiasis,
        pyelonephritis, thrombocytopenia, polycythemia, leukocytosis, sarcoidosis, amyloidosis,
        polymyalgia rheumatica, temporal arteritis, splenomegaly, hepatomegaly, paroxysmal,
        pericarditis, syncope, claudication, colonoscopy, spirometry, ferritin, transaminases
    """),
    "OBGYN": _listed("""
        gravida, para, primigravida, multigravida, preeclampsia, gestational diabetes,
        oligohydramnios, polyhydramnios, placenta previa, cervical dilation, effacement,
        amniotic fluid, fetal heart tones, nonstress test, biophysical profile, menorrhagia,
        metrorrhagia, dysmenorrhea, dyspareunia, amenorrhea, endometriosis, adenomyosis,
        leiomyoma, fibroids, levonorgestrel, medroxyprogesterone, etonogestrel, norethindrone,
        letrozole, clomiphene, misoprostol, methylergonovine, oxytocin, magnesium sulfate,
        labetalol, nifedipine, betamethasone, terbutaline, metronidazole, fluconazole,
        colposcopy, hysterectomy, salpingo-oophorectomy, oophorectomy, hysteroscopy, endometrial
        biopsy, transvaginal ultrasound, cervical cerclage, chorioamnionitis, endometritis,
        hyperemesis gravidarum, ectopic pregnancy, molar pregnancy, abruptio placentae,
        intrauterine growth restriction, fundal height, vertex presentation, breech
        presentation, episiotomy, lochia, mastitis, candidiasis, bacterial vaginosis,
        trichomonas, chlamydia, gonorrhea, human papillomavirus, Pap smear, polycystic ovary
        syndrome, vasomotor symptoms, estradiol, conjugated estrogens, progesterone, raloxifene,
        tranexamic acid, methotrexate, mifepristone, ulipristal, cystocele, rectocele, pessary,
        vulvodynia, lichen sclerosus, Bartholin, hydrosalpinx
    """),
    "PEDIATRICS": _listed("""
        amoxicillin, amoxicillin-clavulanate, cefdinir, azithromycin, albuterol, budesonide,
        montelukast, prednisolone, dexamethasone, acetaminophen, ibuprofen, cetirizine,
        methylphenidate, lisdexamfetamine, guanfacine, atomoxetine, ondansetron, nystatin,
        mupirocin, hydrocortisone, permethrin, otitis media, tympanic membrane, tympanostomy,
        bronchiolitis, croup, stridor, retractions, nasal flaring, grunting, fontanelle,
        jaundice, bilirubin, phototherapy, intussusception, pyloric stenosis, gastroenteritis,
        Kawasaki disease, hand foot and mouth disease, impetigo, molluscum, atopic dermatitis,
        eczema, strabismus, amblyopia, hypospadias, cryptorchidism, hydrocele, developmental
        delay, milestones, autism spectrum, febrile seizure, respiratory syncytial virus,
        pertussis, varicella, rotavirus, pneumococcal, meningococcal, haemophilus influenzae,
        hepatitis B, measles mumps and rubella, Tdap, DTaP, scoliosis, Osgood-Schlatter,
        Legg-Calve-Perthes, nursemaid's elbow, torticollis, plagiocephaly, laryngomalacia,
        adenoidectomy, tonsillectomy, epinephrine autoinjector, anaphylaxis, lactose
        intolerance, celiac disease, colic, oral rehydration, growth chart, percentile, head
        circumference, well child, Tanner stage, polyethylene glycol, lansoprazole,
        levetiracetam, oxcarbazepine
    """),
    "CARDIOLOGY": _listed("""
        apixaban, rivaroxaban, warfarin, clopidogrel, ticagrelor, atorvastatin, rosuvastatin,
        ezetimibe, metoprolol, carvedilol, bisoprolol, lisinopril, losartan, valsartan,
        sacubitril-valsartan, spironolactone, eplerenone, furosemide, torsemide, amiodarone,
        flecainide, sotalol, diltiazem, digoxin, nitroglycerin, atrial fibrillation, ejection
        fraction, troponin, echocardiogram, angiography, stenosis, regurgitation, cardiomyopathy,
        palpitations, orthopnea, syncope, tachycardia, bradycardia, murmur, electrocardiogram
    """),
    "NEUROLOGY": _listed("""
        levetiracetam, lamotrigine, topiramate, valproate, carbamazepine, gabapentin, pregabalin,
        sumatriptan, rizatriptan, propranolol, amitriptyline, carbidopa-levodopa, donepezil,
        memantine, ocrelizumab, natalizumab, alteplase, clopidogrel, migraine, seizure, epilepsy,
        aura, hemiparesis, dysarthria, aphasia, ataxia, nystagmus, paresthesia, neuropathy,
        radiculopathy, myelopathy, multiple sclerosis, Parkinson disease, tremor, bradykinesia,
        Babinski, Romberg, electroencephalogram, ischemic stroke, dementia
    """),
    "ONCOLOGY": _listed("""
        pembrolizumab, nivolumab, trastuzumab, rituximab, bevacizumab, carboplatin, cisplatin,
        oxaliplatin, paclitaxel, docetaxel, doxorubicin, cyclophosphamide, capecitabine,
        gemcitabine, fluorouracil, letrozole, anastrozole, tamoxifen, ondansetron, filgrastim,
        metastasis, metastatic, adenocarcinoma, carcinoma, lymphoma, leukemia, myeloma, melanoma,
        neutropenia, thrombocytopenia, mucositis, neuropathy, lymphadenopathy, adjuvant,
        neoadjuvant, palliative, remission, biopsy, staging, radiotherapy
    """),
    "RADIOLOGY": _listed("""
        opacity, consolidation, effusion, pneumothorax, atelectasis, cardiomegaly, nodule,
        ground-glass, interstitial, hilar, mediastinal, lymphadenopathy, hypodense, hyperdense,
        hypoechoic, hyperechoic, hyperintense, hypointense, enhancement, gadolinium, contrast,
        attenuation, calcification, stenosis, aneurysm, hydronephrosis, cholelithiasis, fracture,
        osteophyte, spondylosis, unremarkable, parenchyma, impression, findings, comparison,
        technique, axial, sagittal, coronal, bilateral
    """),
    "UROLOGY": _listed("""
        tamsulosin, finasteride, dutasteride, oxybutynin, mirabegron, solifenacin, sildenafil,
        tadalafil, nitrofurantoin, ciprofloxacin, trimethoprim-sulfamethoxazole, leuprolide,
        enzalutamide, abiraterone, prostate, prostatitis, hyperplasia, prostatectomy, cystoscopy,
        ureteroscopy, lithotripsy, nephrolithiasis, hydronephrosis, hematuria, dysuria, nocturia,
        urgency, incontinence, retention, ureter, urethra, stricture, catheter, hydrocele,
        varicocele, vasectomy, testicular, bladder, creatinine, urodynamics
    """),
}

_FORMS = {
    "a one c": "A1c",
    "a 1c": "A1c",
    "a1c": "A1c",
    "h b a one c": "HbA1c",
    "b twelve": "B12",
    "vitamin d three": "vitamin D3",
    "t four": "T4",
    "covid nineteen": "COVID-19",
    "c o two": "CO2",
    "s p o two": "SpO2",
    "o two sat": "O2 sat",
    "x ray": "X-ray",
    "x rays": "X-rays",
    "b m p": "BMP",
    "c m p": "CMP",
    "c b c": "CBC",
    "t s h": "TSH",
    "p s a": "PSA",
    "i n r": "INR",
    "l d l": "LDL",
    "h d l": "HDL",
    "a l t": "ALT",
    "a s t": "AST",
    "b u n": "BUN",
    "b n p": "BNP",
    "e g f r": "eGFR",
    "e k g": "EKG",
    "e c g": "ECG",
    "e e g": "EEG",
    "m r i": "MRI",
    "c t scan": "CT scan",
    "b m i": "BMI",
    "c o p d": "COPD",
    "c k d": "CKD",
    "c h f": "CHF",
    "d v t": "DVT",
    "u t i": "UTI",
    "s t i": "STI",
    "h i v": "HIV",
    "a d h d": "ADHD",
    "p t s d": "PTSD",
    "n s a i d": "NSAID",
    "n s a i d s": "NSAIDs",
    "heent": "HEENT",
    "p h": "pH",
}

_FORMS_OF = {
    "INTERNALMEDICINE": {
        "p f o": "PFO",
        "t i a": "TIA",
        "c a b g": "CABG",
        "t p a": "tPA",
        "n y h a": "NYHA",
        "h f p e f": "HFpEF",
        "h f r e f": "HFrEF",
    },
    "OBGYN": {
        "c section": "C-section",
        "c sections": "C-sections",
        "d and c": "D&C",
        "g b s": "GBS",
        "h c g": "hCG",
        "h p v": "HPV",
        "i u d": "IUD",
        "i u g r": "IUGR",
        "l m p": "LMP",
        "n s t": "NST",
        "p c o s": "PCOS",
        "rhogam": "RhoGAM",
        "v b a c": "VBAC",
        "c a one twenty five": "CA-125",
    },
    "PEDIATRICS": {
        "d t a p": "DTaP",
        "t dap": "Tdap",
        "m m r": "MMR",
        "r s v": "RSV",
        "h i b": "Hib",
        "n i c u": "NICU",
        "p i c u": "PICU",
        "i e p": "IEP",
        "b c g": "BCG",
    },
}
