from django.urls import path

from plans.views import accesses, attachments, exports, pilots, search

app_name = "plans"
urlpatterns = [
    path("tim-kiem/", search.search, name="search"),
    path("tep/<uuid:key>/", attachments.attachment, name="attachment"),
    path("tep/<uuid:key>/rut/", attachments.withdraw, name="withdraw"),
    path("tep/gui/<int:page_id>/", attachments.attach, name="attach"),
    path("ho-so/<int:page_id>/luot-xem/", accesses.accesses, name="accesses"),
    path("ho-so/<int:page_id>/tai-ve.zip", exports.whole, name="dossier_zip"),
    path("ho-so/<int:page_id>/tai-ve.pdf", exports.joined, name="dossier_pdf"),
    path("giay-to/<int:item_id>/mau.docx", exports.form, name="model_form"),
    path("giay-to/<int:item_id>/khong-co/", attachments.leave_out, name="leave_out"),
    path("chon-diem/<int:plan_id>/<int:unit_id>/", pilots.choose, name="choose_pilot"),
]
